"""Addresses of the person: coming in and leaving, one's own settings, language."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from zhike.accounts.views import entrance, own

app_name = "accounts"
urlpatterns = [
    path("sign-in/", entrance.sign_in, name="sign_in"),
    path("sign-in/second/", entrance.second, name="second"),
    path("sign-in/passkey/ask/", entrance.passkey_ask, name="passkey_ask"),
    path("sign-in/passkey/", entrance.passkey_sign_in, name="passkey"),
    path("sign-out/", entrance.sign_out, name="sign_out"),
    path("password/forgotten/", entrance.forgotten, name="forgotten"),
    path("password/new/", entrance.new_password, name="new_password"),
    path("password/link/<str:token>/", entrance.reset_link, name="reset_link"),
    path("join/", entrance.join, name="join"),
    path("join/<str:token>/", entrance.join_link, name="join_link"),
    path("settings/", own.own_settings, name="settings"),
    path("settings/security/", own.security, name="security"),
    path("settings/security/prove/", own.ask_for_proof, name="prove"),
    path("settings/security/password/", own.own_password, name="own_password"),
    path("settings/security/app/", own.authenticator, name="authenticator"),
    path("settings/security/app/remove/", own.authenticator_remove, name="authenticator_remove"),
    path("settings/security/codes/", own.recovery_codes, name="recovery_codes"),
    path("settings/security/passkeys/ask/", own.passkey_new_ask, name="passkey_new_ask"),
    path("settings/security/passkeys/", own.passkey_new, name="passkey_new"),
    path("settings/security/passkeys/<int:pk>/remove/", own.passkey_remove, name="passkey_remove"),
    path("settings/security/sessions/end/", own.session_end, name="session_end"),
    path("language/", login_not_required(set_language), name="language"),
]
