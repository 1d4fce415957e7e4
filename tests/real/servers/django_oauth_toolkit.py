"""An authorization server: the PyPI package django-oauth-toolkit, in the smallest Django project.

Usage: python django_oauth_toolkit.py DIRECTORY

DIRECTORY holds `server.json`. Django's development server logs one line for each request, such as
`"POST /o/token/ HTTP/1.1" 200 82`. A refresh token that comes twice within the grace period gets
the same answer again.
"""

import datetime
import json
import pathlib
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

DIRECTORY = pathlib.Path(sys.argv[1])
SERVER = json.loads((DIRECTORY / "server.json").read_text())
PORT = SERVER["port"]
APPS = ["contenttypes", "auth"]


def everybody_is_ann(answer):
    """A middleware: whoever comes has signed in already, as Ann."""

    def signed_in(request):
        request.user = User.objects.get(username="ann")
        return answer(request)

    return signed_in


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DIRECTORY / "database",
            "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
        }
    },
    INSTALLED_APPS=[
        *(f"django.contrib.{app}" for app in APPS),
        "django.contrib.staticfiles",
        "oauth2_provider",
    ],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware", f"{__name__}.everybody_is_ann"],
    # Tables straight from the models: their history of migrations takes seconds.
    MIGRATION_MODULES={app: None for app in [*APPS, "oauth2_provider"]},
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": SERVER["lifetime"],
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 60,
        "SCOPES": {"read": "Read", "write": "Write"},
        "PKCE_REQUIRED": False,
        "DEVICE_FLOW_INTERVAL": 1,
        "OAUTH_DEVICE_VERIFICATION_URI": f"http://127.0.0.1:{PORT}/o/device/",
        "OAUTH_DEVICE_VERIFICATION_URI_COMPLETE": (
            lambda code: f"http://127.0.0.1:{PORT}/o/device/?user_code={code}"
        ),
    },
    # A fast one: what it hashes here protects nothing.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not secret: it signs nothing outside a test",
    STATIC_URL="/static/",
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
    ],
    USE_TZ=True,
)

django.setup()

# Models and views exist only from here on.
from django.contrib.auth.models import User
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken
from oauth2_provider.urls import base_urlpatterns, metadata_urlpatterns

patterns = [*metadata_urlpatterns, path("o/", include(base_urlpatterns))]
urlpatterns = [path("", include((patterns, "oauth2_provider")))]

GRANTS = {
    "client_credentials": Application.GRANT_CLIENT_CREDENTIALS,
    # A refresh token begins with an authorization code that somebody else handed in.
    "refresh_token": Application.GRANT_AUTHORIZATION_CODE,
    "authorization_code": Application.GRANT_AUTHORIZATION_CODE,
    "password": Application.GRANT_PASSWORD,
    "device_code": Application.GRANT_DEVICE_CODE,
}


def register(client):
    is_public = client["authentication"] == "none"
    application, _ = Application.objects.get_or_create(
        client_id=client["client_id"],
        defaults={
            "client_secret": client["client_secret"] or "",
            "client_type": Application.CLIENT_PUBLIC if is_public else "confidential",
            "authorization_grant_type": GRANTS[client["grant"]],
            "redirect_uris": client["redirect_uri"] or "",
        },
    )
    return application


def seed(application, user):
    """A refresh token as if somebody had obtained it for the client."""
    token = f"seed-{application.client_id}"
    if not RefreshToken.objects.filter(application=application).exists():
        expires = timezone.now() + datetime.timedelta(hours=1)
        common = {"user": user, "application": application}
        access = AccessToken.objects.create(
            token=f"access-{token}", scope="read", expires=expires, **common
        )
        RefreshToken.objects.create(token=token, access_token=access, **common)
    return token


call_command("migrate", run_syncdb=True, verbosity=0)
ann = User.objects.filter(username="ann").first() or User.objects.create_user(
    "ann", password="ann's password"
)
seeds = {}
for client in SERVER["clients"]:
    application = register(client)
    if client["grant"] == "refresh_token":
        seeds[client["client_id"]] = seed(application, ann)
(DIRECTORY / "seeds.json").write_text(json.dumps(seeds))
print("clients registered", flush=True)
call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False, skip_checks=True)
