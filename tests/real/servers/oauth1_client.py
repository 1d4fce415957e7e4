"""A client of OAuth 1.0a that is not ours: requests-oauthlib against `authlib_oauth1.py`.

Usage: python oauth1_client.py DIRECTORY

DIRECTORY is that of the running server. Proves the server: it lets in each client of `server.json`
by all three legs, with each signature method, and takes no request that is signed wrongly, that
comes twice, that is old, or whose token was revoked. Prints what it did; ends with 1 at the first
answer that is not as expected.
"""

import json
import pathlib
import sys
import time

import requests
from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1, OAuth1Session

DIRECTORY = pathlib.Path(sys.argv[1])
SERVER = json.loads((DIRECTORY / "server.json").read_text())
SITE = f"http://127.0.0.1:{SERVER['port']}"
RSA_KEY = (DIRECTORY / "RS256.key").read_text()
METHODS = ["HMAC-SHA1", "PLAINTEXT", "RSA-SHA1"]
HOSTILE = "/resource?a=b%20c&a=%26%3D%25&e=&%C3%A9=%2B"


def expect(what, answer, status, text=""):
    is_right = answer.status_code == status and text in answer.text
    print("ok" if is_right else "WRONG", what, answer.status_code, flush=True)
    if not is_right:
        sys.exit(answer.text)


def keys(client, method):
    secret = "" if method == "RSA-SHA1" else client["client_secret"]
    return {
        "client_key": client["client_id"],
        "client_secret": secret,
        "signature_method": method,
        "rsa_key": RSA_KEY if method == "RSA-SHA1" else None,
    }


def log_in(client, method):
    """The keys of a client, with the token that three legs gave it."""
    session = OAuth1Session(**keys(client, method), callback_uri="oob")
    session.fetch_request_token(f"{SITE}/initiate")
    verifier = requests.get(session.authorization_url(f"{SITE}/authorize")).text
    token = session.fetch_access_token(f"{SITE}/token", verifier=verifier)
    return {
        **keys(client, method),
        "resource_owner_key": token["oauth_token"],
        "resource_owner_secret": token["oauth_token_secret"],
    }


def ask(signing, method="GET", path=HOSTILE, form=None, **further):
    auth = OAuth1(**{**signing, **further})
    return requests.request(method, SITE + path, data=form, auth=auth)


def replayed(signing):
    """The answer to a request that comes for the second time."""
    prepared = requests.Request("GET", SITE + HOSTILE, auth=OAuth1(**signing)).prepare()
    with requests.Session() as session:
        session.send(prepared)
        return session.send(prepared)


for client in SERVER["clients"]:
    for method in METHODS:
        case = f"{client['client_id']!r} {method}:"
        signing = log_in(client, method)
        form = {"a": "x y&", "é": "+"}
        expect(f"{case} GET", ask(signing), 200)
        expect(f"{case} POST", ask(signing, "POST", "/resource", form), 200)
        in_body = {"signature_type": SIGNATURE_TYPE_BODY}
        expect(f"{case} in the body", ask(signing, "POST", "/resource", {"a": "b"}, **in_body), 200)
        in_query = {"signature_type": SIGNATURE_TYPE_QUERY}
        expect(f"{case} in the query", ask(signing, **in_query), 200)

        wrong = {**signing, "resource_owner_secret": "wrong"}
        if method != "RSA-SHA1":
            expect(f"{case} a wrong secret", ask(wrong), 401, "invalid_signature")
        old = str(int(time.time()) - 400)
        expect(f"{case} an old timestamp", ask(signing, timestamp=old), 400, "timestamp")
        expect(f"{case} a replay", replayed(signing), 401, "invalid_nonce")

        token = signing["resource_owner_key"]
        requests.post(f"{SITE}/revoke", data={"token": token})
        expect(f"{case} a revoked token", ask(signing), 401, "invalid_token")
