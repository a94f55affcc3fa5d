"""How passwords are kept: Argon2id with the cost that OWASP recommends.

Django's own cost takes 100 MiB and eight threads a try, so that twenty people who sign in at the same moment need
2 GB and stop everybody else's pages. 19 MiB, two passes and one lane resist guessing as OWASP asks
(https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html) and take a tenth of it.
"""

from __future__ import annotations

from django.contrib.auth import hashers


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1
