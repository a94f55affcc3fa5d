"""Writes: people, teams, the company. `by=None` is the operator at the command line."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

from zhike.accounts.actions.passwords import checked_password, store_password
from zhike.accounts.models import Company, Role, Team, User
from zhike.accounts.policy import require
from zhike.accounts.queries import company
from zhike.accounts.roles import require_charge, require_grantable
from zhike.audit.actions import record
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.core.text import Text

CODE_LENGTH = 3  # ISO 4217
_COMPANY = ("name", "timezone", "currency", "pack")

ROLE_LABELS = {
    Role.SALES: Text("销售", "Sales"),
    Role.MANAGER: Text("主管", "Manager"),
    Role.MARKETING: Text("市场", "Marketing"),
    Role.SERVICE: Text("客服", "Service"),
    Role.FINANCE: Text("财务", "Finance"),
    Role.AUDITOR: Text("审计", "Auditor"),
    Role.ADMIN: Text("管理员", "Administrator"),
}


@transaction.atomic
def add_user(  # noqa: PLR0913  one keyword each
    *,
    email: str,
    name: str,
    password: str,
    by: User | None,
    role: str = Role.SALES,
    team: Team | None = None,
    language: str = User.Language.CHINESE,
) -> User:
    """Add a person who may sign in."""
    if by is not None:
        require(by, "create", User)
    user = User(
        email=clean_email(email),
        name=line(name, "name", 100, required=True),
        role=find_role(role),
        team=team,
        language=_choice(language, User.Language.values, "language"),
    )
    user.password = make_password(checked_password(password, user))
    if by is not None:
        require_grantable(by, user.role_key)
    if User.objects.filter(email=user.email).exists():
        raise Conflict(f"{user.email} 已经存在", f"{user.email} exists already")
    user.save(force_insert=True)
    record("user.added", by=by, subject=user, data={"role": user.role_key, "team": user.team_id})
    return user


def find_role(key: str) -> Role:
    """Return the role of this key, or say which there are."""
    roles = {role.key: role for role in Role.objects.all()}
    return roles[_choice(key, list(roles), "role")]


def keep_built_in_roles() -> None:
    """Have a row for each role that comes with the program."""
    rows = [
        Role(key=key, label_zh=label.zh, label_en=label.en, is_builtin=True, position=position)
        for position, (key, label) in enumerate(ROLE_LABELS.items())
    ]
    columns = ["label_zh", "label_en", "is_builtin", "position"]
    Role.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=columns)


@transaction.atomic
def add_first_or_next(
    *,
    email: str,
    name: str,
    password: str,
    role: str = "",
    team: Team | None = None,
    language: str = User.Language.CHINESE,
) -> User:
    """Add a person at the command line: the first is an administrator, others sell, unless another role is said.

    Of two who begin at once one is the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zhike.first_person'))")
    chosen = role or (Role.SALES if User.objects.exists() else Role.ADMIN)
    return add_user(email=email, name=name, password=password, role=chosen, team=team, language=language, by=None)


@transaction.atomic
def add_team(*, name: str, by: User | None, parent: Team | None = None) -> Team:
    """Return the team of this name, made when it is new."""
    if by is not None:
        require(by, "create", Team)
    team, is_new = Team.objects.get_or_create(name=line(name, "name", 100, required=True), defaults={"parent": parent})
    if is_new:
        record("team.added", by=by, subject=team, data={"name": team.name, "parent": team.parent_id})
    return team


def change_preferences(
    *,
    user: User,
    language: str | None = None,
    theme: str | None = None,
    timezone: str | None = None,
    single_keys: bool | None = None,
) -> User:
    """Change how the program looks to this person; what is `None` stays."""
    if language is not None:
        user.language = _choice(language, User.Language.values, "language")
    if theme is not None:
        user.theme = _choice(theme, User.Theme.values, "theme")
    if timezone is not None:
        user.timezone = timezone and _zone(timezone)
    if single_keys is not None:
        user.single_keys = single_keys
    user.save(update_fields=["language", "theme", "timezone", "single_keys"])
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: User | None) -> None:
    """Give a person a new password: their own, or an admin for them."""
    if by is not None and by.pk != user.pk:
        require_charge(by, user)
    store_password(user=user, password=password)
    how = "own" if by is not None and by.pk == user.pk else "reset"
    record("password.changed", by=by, subject=user, data={"how": how})


@transaction.atomic
def set_company(
    *,
    by: User | None,
    name: str | None = None,
    timezone: str | None = None,
    currency: str | None = None,
    pack: str | None = None,
) -> Company:
    """Write down what the company is; what is `None` stays."""
    found = company()
    if by is not None:
        require(by, "change", Company)
    before = {name: getattr(found, name) for name in _COMPANY}
    if name is not None:
        found.name = line(name, "name", 200)
    if timezone is not None:
        found.timezone = _zone(timezone)
    if currency is not None:
        found.currency = _currency(currency)
    if pack is not None:
        found.pack = line(pack, "pack", 64)
    found.save()
    changed = [name for name in _COMPANY if getattr(found, name) != before[name]]
    if changed:
        after = {name: getattr(found, name) for name in changed}
        data = {"fields": changed, "before": {name: before[name] for name in changed}, "after": after}
        record("company.changed", by=by, subject=found, data=data)
    return found


@lru_cache(maxsize=8192)
def clean_email(text: str) -> str:
    """Return the address in lower case, or say that it is none."""
    email = line(text, "email", 254, required=True).casefold()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(f"{email} 不是邮箱地址", f"{email} is not an e-mail address", path="email") from error
    return email


def _choice(value: str, known: list[str], field: str) -> str:
    if value not in known:
        listed = ", ".join(known)
        raise Invalid(f"{value} 不在可选项中：{listed}", f"{value} is none of: {listed}", path=field)
    return value


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (LookupError, ValueError, OSError) as error:
        raise Invalid(f"没有 {name} 这个时区", f"there is no time zone {name}", path="timezone") from error


def _currency(code: str) -> str:
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isupper():
        raise Invalid(f"{code} 不是币种代码", f"{code} is not a currency code", path="currency")
    return code
