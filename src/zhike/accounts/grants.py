"""What the built-in roles may, and where rows and columns belong: the literal tables that the policy reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.accounts.models import Role
from zhike.accounts.rights import Access, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping


class AlsoSeen(NamedTuple):
    """Who reaches a row beside its owner, by its columns: who made it, and whoever reaches its customer.

    Those who follow it see it, without changing it: the model that says so, its column of the row and that of the person.
    """

    maker: str
    followed: tuple[str, str, str]
    customer: str


# Model label → the path from a row to the user who owns it; "" is the row itself. What hangs on a customer is
# seen by whoever sees the customer, all else by whoever sees the person.
OWNER_PATHS = {
    "accounts.User": "",
    "accounts.Session": "user",
    "accounts.Authenticator": "user",
    "accounts.RecoveryCode": "user",
    "accounts.Passkey": "user",
    "accounts.Share": "by",
    "jobs.Job": "owner",
    "jobs.Item": "job__owner",
    "imports.Import": "owner",
    "imports.Row": "imported__owner",
    "customers.Customer": "owner",
    "customers.Contact": "customer__owner",
    "customers.SearchText": "customer__owner",
    "customers.Reach": "customer__owner",
    "customers.Address": "customer__owner",
    # Of a relation both ends must be seen: whoever reads asks for the other one as well.
    "customers.Relation": "customer__owner",
    "customers.Attachment": "customer__owner",
    "customers.Favourite": "user",
    "timeline.Event": "customer__owner",
    "privacy.Consent": "customer__owner",
    "privacy.Request": "customer__owner",
    "duplicates.Merge": "customer__owner",
    # Of a pair both must be seen, as of a relation.
    "duplicates.Pair": "customer__owner",
    "classification.CustomerFacts": "customer__owner",
    "classification.Placement": "customer__owner",
    "classification.Override": "customer__owner",
    "classification.Review": "customer__owner",
    "classification.Notification": "user",
    "classification.NotificationChoice": "user",
    "classification.Acknowledgement": "user",
    "classification.SavedView": "owner",
    "classification.ViewPin": "user",
    "classification.ListColumns": "user",
    "assignment.Capacity": "user",
    "assignment.Absence": "user",
    "assignment.Waiting": "customer__owner",
    "assignment.Promise": "customer__owner",
    "pools.Stay": "customer__owner",
    "notices.Rhythm": "user",
    "notices.Preference": "user",
    "notices.Digest": "user",
    "notices.Delivery": "notification__user",
    "pools.Notice": "customer__owner",
    "followups.Plan": "customer__owner",
    "followups.Advice": "customer__owner",
    "followups.Task": "owner",
    "followups.Follower": "user",
    "followups.CalendarFeed": "user",
    "followups.Tally": "user",
    "followups.Escalation": "user",
}

# Rows of one person that others see as well.
ALSO_SEEN: Mapping[str, AlsoSeen] = {
    "followups.Task": AlsoSeen(maker="creator", followed=("followups.Follower", "task", "user"), customer="customer"),
}

# What everybody who signed in may read.
SHARED = frozenset(
    {
        *(f"accounts.{name}" for name in ("Company", "Team", "Role", "RoleRight", "FieldRight", "Territory")),
        *(f"privacy.{name}" for name in ("Assessment", "BarredInput", "ConsentText")),
        "customers.CustomField",
        "customers.FieldSection",
        "timeline.ExchangeRate",
        "customers.Tag",
        "classification.Scheme",
        "classification.SchemeVersion",
        "classification.Publication",
        "classification.QuarterCount",
        "classification.QuarterReview",
        "classification.BackTest",
        "classification.Sweep",
        "classification.InstalledPack",
        "assignment.Rule",
        "assignment.PromiseTerms",
        *(f"pools.{name}" for name in ("Pool", "Limit", "Reason", "Rule")),
        "notices.Channel",  # that it is there; who may set it up, `notices.queries.channels` says
        *(f"followups.{name}" for name in ("PlanTemplate", "LadderTerms", "ProductPairs")),
    }
)

# What is told of a customer whom somebody may claim.
OFFERED = frozenset({"customers.Customer", "classification.Placement"})

# Columns that nobody reads through a door, and those that people cannot write.
HIDDEN = {
    "accounts.User": frozenset({"password"}),
    "accounts.Session": frozenset({"session_key", "session_data"}),
    "accounts.Authenticator": frozenset({"secret", "last_step"}),
    "accounts.RecoveryCode": frozenset({"digest"}),
    "accounts.Passkey": frozenset({"credential_id", "credential", "sign_count"}),
    "accounts.Invitation": frozenset({"digest"}),
    "notices.Channel": frozenset({"address", "secret"}),
    "followups.CalendarFeed": frozenset({"digest"}),
}

SEES = {
    Role.SALES: Scope.OWN,
    Role.MANAGER: Scope.TREE,
    Role.MARKETING: Scope.ALL,
    Role.SERVICE: Scope.ALL,
    Role.FINANCE: Scope.ALL,
    Role.AUDITOR: Scope.ALL,
    Role.ADMIN: Scope.ALL,
}
# Those who work with customers; finance and audit look on.
_EVERYBODY = {
    Role.SALES: Scope.OWN,
    Role.MANAGER: Scope.TREE,
    Role.MARKETING: Scope.ALL,
    Role.SERVICE: Scope.ALL,
    Role.ADMIN: Scope.ALL,
}
_OWNERS = {Role.SALES: Scope.OWN, Role.MANAGER: Scope.TREE, Role.ADMIN: Scope.ALL}
_LEADERS = {Role.MANAGER: Scope.TREE, Role.ADMIN: Scope.ALL}
_THEMSELVES = {**dict.fromkeys((Role.SALES, Role.MARKETING, Role.SERVICE, Role.FINANCE), Scope.OWN), **_LEADERS}
_ADMIN = {Role.ADMIN: Scope.ALL}

# (verb, model label) → the built-in roles that may, each with whose records; what is not listed nobody may.
# The company's own roles have rows of the same shape.
VERBS: dict[tuple[str, str], Mapping[str, Scope]] = {
    ("view", "customers.Customer"): SEES,
    ("view", "accounts.User"): SEES,
    ("create", "customers.Customer"): _EVERYBODY,
    ("change", "customers.Customer"): _EVERYBODY,
    ("assign", "customers.Customer"): _LEADERS,
    ("share", "customers.Customer"): _OWNERS,
    ("import", "customers.Customer"): _LEADERS,
    ("export", "customers.Customer"): _EVERYBODY,
    ("delete", "customers.Customer"): _LEADERS,
    ("merge", "customers.Customer"): _OWNERS,
    ("claim", "customers.Customer"): _OWNERS,
    ("hand_back", "customers.Customer"): _OWNERS,
    ("change", "pools.Pool"): _ADMIN,
    ("create", "duplicates.Pair"): _LEADERS,  # search everybody for them
    ("change", "duplicates.Pair"): _OWNERS,
    ("create", "customers.Contact"): _EVERYBODY,
    ("change", "customers.Contact"): _EVERYBODY,
    ("create", "customers.CustomField"): _LEADERS,
    ("change", "customers.Tag"): _LEADERS,
    ("merge", "customers.Tag"): _ADMIN,  # and call it otherwise: both change customers of everybody's
    ("change", "customers.Attachment"): _EVERYBODY,
    ("void", "timeline.Event"): _LEADERS,
    ("create", "timeline.Event"): _EVERYBODY | {Role.FINANCE: Scope.ALL},
    ("create", "jobs.Job"): _EVERYBODY,
    ("change", "customers.CustomField"): _LEADERS,
    ("delete", "customers.CustomField"): _ADMIN,
    ("change", "timeline.ExchangeRate"): _ADMIN,
    ("change", "classification.Scheme"): _LEADERS,
    ("publish", "classification.Scheme"): _ADMIN,
    ("create", "classification.Override"): _EVERYBODY,
    ("change", "classification.Override"): _EVERYBODY,
    ("create", "classification.Review"): _EVERYBODY,
    ("change", "classification.Review"): _EVERYBODY,
    ("answer", "classification.Review"): _LEADERS,
    ("create", "classification.QuarterCount"): _EVERYBODY,
    ("change", "classification.QuarterCount"): _LEADERS,
    ("change", "classification.QuarterReview"): _LEADERS,
    ("create", "classification.SavedView"): SEES,
    ("change", "classification.SavedView"): SEES,
    ("publish", "classification.SavedView"): _LEADERS,
    ("change", "accounts.Company"): _ADMIN,
    ("create", "accounts.User"): _ADMIN,
    ("change", "accounts.User"): _ADMIN,
    ("create", "accounts.Team"): _ADMIN,
    ("read", "audit.Entry"): _ADMIN | {Role.AUDITOR: Scope.ALL},
    ("erase", "customers.Customer"): _ADMIN,
    ("disclose", "customers.Customer"): _ADMIN,
    ("create", "privacy.Consent"): _EVERYBODY,
    ("create", "privacy.Request"): _EVERYBODY,
    ("change", "privacy.Request"): _LEADERS,
    **{("create", f"privacy.{name}"): _ADMIN for name in ("Assessment", "BarredInput", "ConsentText")},
    ("change", "accounts.Team"): _ADMIN,
    **{("delete", f"accounts.{name}"): _ADMIN for name in ("Team", "Role", "Territory")},
    ("create", "accounts.Role"): _ADMIN,
    ("change", "accounts.Role"): _ADMIN,
    ("create", "accounts.Territory"): _ADMIN,
    ("create", "followups.Task"): _EVERYBODY,
    ("change", "followups.Task"): _EVERYBODY,
    ("create", "followups.Plan"): _EVERYBODY,
    ("change", "followups.Plan"): _EVERYBODY,
    ("change", "followups.PlanTemplate"): _LEADERS,
    ("change", "followups.LadderTerms"): _ADMIN,
    ("change", "assignment.Rule"): _ADMIN,
    ("change", "assignment.PromiseTerms"): _ADMIN,
    ("change", "assignment.Capacity"): _LEADERS,
    ("change", "assignment.Absence"): _THEMSELVES,
    ("change", "accounts.Territory"): _ADMIN,
    ("change", "notices.Channel"): _THEMSELVES,  # a bot that says their own notifications
    ("publish", "notices.Channel"): _LEADERS,  # one that says their team's
}

# Built-in role → (model label, field) → how much of it, where that is less than the verbs would give.
_REACHABLE = ("phone", "email", "wechat", "wecom")
FIELDS: dict[str, dict[tuple[str, str], Access]] = {
    Role.AUDITOR: {
        (label, name): Access.MASKED for label in ("customers.Customer", "customers.Contact") for name in _REACHABLE
    },
    Role.MARKETING: {("customers.Customer", "owner"): Access.READ},
    Role.SERVICE: {("customers.Customer", "owner"): Access.READ},
}
