"""What the PyPI package oauthlib makes of requests of OAuth 1.0a.

Usage: python oauth1_oracle.py

Each line of stdin is a request in JSON: `method`; `uri`, with its query; `parameters`, the others
as pairs, decoded; `client_secret`, `token_secret`. The answer is one line of JSON: `base_string`
(RFC 5849, section 3.4.1), and the signatures `hmac_sha1`, `hmac_sha256` and `plaintext`.
"""

import json
import sys
import urllib.parse

from oauthlib.oauth1.rfc5849 import signature


def answer(request):
    # What it collects itself, it decodes; the others are decoded already.
    in_query = urllib.parse.urlsplit(request["uri"]).query
    parameters = signature.collect_parameters(uri_query=in_query)
    parameters += [tuple(pair) for pair in request["parameters"]]
    base_string = signature.signature_base_string(
        request["method"],
        signature.base_string_uri(request["uri"]),
        signature.normalize_parameters(parameters),
    )
    secrets = (request["client_secret"], request["token_secret"])
    return {
        "base_string": base_string,
        "hmac_sha1": signature.sign_hmac_sha1(base_string, *secrets),
        "hmac_sha256": signature.sign_hmac_sha256(base_string, *secrets),
        "plaintext": signature.sign_plaintext(*secrets),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
