"""How people hear of what happens: in the page, in a digest by e-mail, in a group by a bot."""
