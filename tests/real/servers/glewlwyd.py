"""An authorization server: glewlwyd, from Debian.

Usage: python glewlwyd.py DIRECTORY

DIRECTORY holds `server.json` and the keys that clients are known by. Registers the clients through
glewlwyd's own API if DIRECTORY has no database yet, then becomes glewlwyd. Its log has one line for
each token it issues. A refresh token is good for one use.
"""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import MozillaCookieJar

DIRECTORY = pathlib.Path(sys.argv[1])
SERVER = json.loads((DIRECTORY / "server.json").read_text())
PORT = SERVER["port"]
HERE = pathlib.Path(__file__).resolve().parent
USR = HERE.parent / ".servers" / "glewlwyd" / "usr"
ORIGIN = f"http://127.0.0.1:{PORT}"

CONFIGURATION = f"""
port = {PORT}
bind_address = "127.0.0.1"
external_url = "{ORIGIN}"
api_prefix = "api"
log_mode = "console"
log_level = "INFO"
admin_scope = "g_admin"
profile_scope = "g_profile"
session_key = "session"
hash_algorithm = "SHA512"
user_module_path = "{USR}/lib/glewlwyd/user"
client_module_path = "{USR}/lib/glewlwyd/client"
user_auth_scheme_module_path = "{USR}/lib/glewlwyd/scheme"
plugin_module_path = "{USR}/lib/glewlwyd/plugin"
database = {{ type = "sqlite3" path = "{DIRECTORY}/database" }}
"""

# The plugin whose token endpoint is /api/oidc/token. The shorter `oauth2-glewlwyd` plugin does
# not know client_secret_post.
PLUGIN = {
    "module": "oidc",
    "name": "oidc",
    "display_name": "oidc",
    "enabled": True,
    "parameters": {
        "iss": ORIGIN,
        "jwt-type": "sha",
        "jwt-key-size": "256",
        "key": "not secret: it signs nothing outside a test",
        "access-token-duration": SERVER["lifetime"],
        "refresh-token-duration": 3600,
        "code-duration": 600,
        "refresh-token-rolling": True,
        "refresh-token-one-use": "always",
        "allow-non-oidc": True,
        "auth-type-client-enabled": True,
        "auth-type-code-enabled": True,
        "auth-type-password-enabled": True,
        "auth-type-refresh-enabled": True,
        "auth-type-device-enabled": True,
        "device-authorization-expiration": 600,
        "device-authorization-interval": 1,
        "pkce-allowed": True,
        "request-parameter-allow": True,
        "request-maximum-exp": 3600,
        "client-pubkey-parameter": "pubkey",
    },
}


# What a client may ask for, by the grant that it is there for.
GRANT_TYPES = {
    "client_credentials": ["client_credentials"],
    "refresh_token": ["password", "refresh_token"],
    "password": ["password", "refresh_token"],
    "authorization_code": ["code", "refresh_token"],
    "device_code": ["device_authorization", "refresh_token"],
}
# Of clients that are known otherwise, until they have the refresh token that they begin with.
PASSING_SECRET = "a secret for a moment"
ANN = {"username": "ann", "password": "ann's password"}


def scope(name):
    return {"name": name, "display_name": name, "password_required": False, "scheme": {}}


def client(entry, authentication):
    described = {
        "client_id": entry["client_id"],
        "name": entry["client_id"],
        "token_endpoint_auth_method": [authentication],
        "confidential": authentication != "none",
        "enabled": True,
        "scope": ["read", "write"],
        "authorization_type": GRANT_TYPES[entry["grant"]],
        "redirect_uri": [entry["redirect_uri"]] if entry["redirect_uri"] else [],
    }
    if authentication.startswith("client_secret"):
        described["client_secret"] = entry["client_secret"] or PASSING_SECRET
    if authentication == "private_key_jwt":
        described["pubkey"] = (DIRECTORY / f"{entry['algorithm']}.pub").read_text()
    return described


def wait_until_it_answers():
    deadline = time.monotonic() + 20
    while True:
        try:
            return urllib.request.urlopen(f"{ORIGIN}/config/").close()
        except urllib.error.HTTPError:
            return None
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Session:
    """Calls of glewlwyd's API by somebody who has signed in."""

    def __init__(self, user):
        self.cookies = MozillaCookieJar(DIRECTORY / "cookies")
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self.call("POST", "auth", user)

    def call(self, method, path, body):
        headers = {"Content-Type": "application/json"}
        url, data = f"{ORIGIN}/api/{path}", json.dumps(body).encode()
        try:
            self.opener.open(urllib.request.Request(url, data, headers, method=method)).close()
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error}: {error.read().decode()}")


def refresh_token(entry):
    """Obtains one for a client as it is registered first, with its secret in the request."""
    form = {"grant_type": "password", "scope": "read", **ANN}
    form |= {
        "client_id": entry["client_id"],
        "client_secret": entry["client_secret"] or PASSING_SECRET,
    }
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{ORIGIN}/api/oidc/token", data) as reply:
        return json.load(reply)["refresh_token"]


def register():
    admin = Session({"username": "admin", "password": "password"})
    admin.call("POST", "mod/plugin", PLUGIN)
    for name in ["read", "write"]:
        admin.call("POST", "scope", scope(name))
    admin.call("POST", "user?source=database", {**ANN, "enabled": True, "scope": ["read", "write"]})
    seeds = {}
    ann = Session(ANN)
    for entry in SERVER["clients"]:
        needs_seed = entry["grant"] == "refresh_token"
        first = "client_secret_post" if needs_seed else entry["authentication"]
        admin.call("POST", "client?source=database", client(entry, first))
        path = urllib.parse.quote(entry["client_id"])
        if needs_seed:
            seeds[entry["client_id"]] = refresh_token(entry)
            final = client(entry, entry["authentication"])
            admin.call("PUT", f"client/{path}?source=database", final)
        if entry["redirect_uri"] or entry["grant"] == "device_code":
            ann.call("PUT", f"auth/grant/{path}", {"scope": "read write"})
    # Whoever has these cookies is signed in as Ann.
    ann.cookies.save(ignore_discard=True)
    (DIRECTORY / "seeds.json").write_text(json.dumps(seeds))


command = [USR / "bin" / "glewlwyd", f"--config-file={DIRECTORY}/configuration"]
if not (DIRECTORY / "database").exists():
    (DIRECTORY / "configuration").write_text(CONFIGURATION)
    tables = USR / "share/dbconfig-common/data/glewlwyd/install/sqlite3"
    with sqlite3.connect(DIRECTORY / "database") as database:
        database.executescript(tables.read_text())
    server = subprocess.Popen(command)
    try:
        wait_until_it_answers()
        register()
    finally:
        server.terminate()
        server.wait()
print("clients registered", flush=True)
os.execv(command[0], command)
