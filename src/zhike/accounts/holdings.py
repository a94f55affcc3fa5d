"""Whose the rows of each model are: literal tables, so that no app above needs to be imported."""

from __future__ import annotations

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
    "customers.Customer": "owner",
    "customers.Contact": "customer__owner",
    "timeline.Event": "customer__owner",
    "classification.CustomerFacts": "customer__owner",
    "classification.Placement": "customer__owner",
    "classification.Override": "customer__owner",
    "classification.Review": "customer__owner",
    "classification.Notification": "user",
    "classification.NotificationChoice": "user",
    "classification.Acknowledgement": "user",
    "classification.Handover": "giver",
    "classification.SavedView": "owner",
    "classification.ViewPin": "user",
    "classification.ListColumns": "user",
}

# What everybody who signed in may read.
SHARED = frozenset(
    {
        "accounts.Company",
        "accounts.Team",
        "accounts.Role",
        "accounts.RoleRight",
        "accounts.FieldRight",
        "accounts.Territory",
        "customers.CustomField",
        "customers.FieldSection",
        "timeline.ExchangeRate",
        "classification.Scheme",
        "classification.SchemeVersion",
        "classification.Publication",
        "classification.QuarterCount",
        "classification.QuarterReview",
        "classification.BackTest",
        "classification.Sweep",
        "classification.InstalledPack",
    }
)

# Columns that nobody reads through a door, and those that people cannot write.
HIDDEN = {
    "accounts.User": frozenset({"password"}),
    "accounts.Session": frozenset({"session_key", "session_data"}),
    "accounts.Authenticator": frozenset({"secret", "last_step"}),
    "accounts.RecoveryCode": frozenset({"digest"}),
    "accounts.Passkey": frozenset({"credential_id", "credential", "sign_count"}),
    "accounts.Invitation": frozenset({"digest"}),
}
