"""An authorization server: the PyPI package django-oauth-toolkit, in the smallest Django project.

Usage: python django_oauth_toolkit.py PORT LIFETIME_IN_SECONDS DIRECTORY

Django's development server logs one line for each request, such as
`"POST /o/token/ HTTP/1.1" 200 82`.
"""

import json
import pathlib
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import path

PORT, LIFETIME, DIRECTORY = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
APPS = ["contenttypes", "auth"]

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DIRECTORY / "database",
        }
    },
    INSTALLED_APPS=[f"django.contrib.{app}" for app in APPS] + ["oauth2_provider"],
    # Tables straight from the models: their history of migrations takes seconds.
    MIGRATION_MODULES={app: None for app in [*APPS, "oauth2_provider"]},
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": LIFETIME,
        "SCOPES": {"read": "Read", "write": "Write"},
    },
    PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not secret: it signs nothing outside a test",
    USE_TZ=True,
)

django.setup()

# Models and views exist only from here on.
from oauth2_provider.models import Application
from oauth2_provider.views import TokenView

urlpatterns = [path("o/token/", TokenView.as_view())]

call_command("migrate", run_syncdb=True, verbosity=0)
for client in json.loads(pathlib.Path(__file__).with_name("clients.json").read_text()):
    Application.objects.get_or_create(
        client_id=client["client_id"],
        defaults={
            "client_secret": client["client_secret"],
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_CLIENT_CREDENTIALS,
        },
    )
print("clients registered", flush=True)
call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False, skip_checks=True)
