"""People who use Zhike: users, teams, the company, and what each of them may see and do."""
