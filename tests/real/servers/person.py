"""A person with a browser: opens a page, and agrees to all that is asked there.

Usage: python person.py URL [COOKIES]

COOKIES is a file with those of a person who has signed in already. Follows redirects, and submits
each form that it meets, until a page has none. Prints the address where it ended.
"""

import html.parser
import http.cookiejar
import sys
import urllib.error
import urllib.parse
import urllib.request

AGREE = {"Authorize", "accept"}


class Form(html.parser.HTMLParser):
    """The first form of a page: where it goes, and its fields as the page fills them."""

    def __init__(self):
        super().__init__()
        self.action = None
        self.fields = {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name, value = attributes.get("name"), attributes.get("value", "")
        if tag == "form" and self.action is None:
            self.action = attributes.get("action", "")
        is_button = tag == "button" or attributes.get("type") == "submit"
        if name and (value in AGREE if is_button else tag == "input"):
            self.fields.setdefault(name, value)


jar = http.cookiejar.MozillaCookieJar(*sys.argv[2:3])
if sys.argv[2:]:
    jar.load(ignore_discard=True)
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))



def visit(address, data=None):
    """Opens a page. Glewlwyd's page for signing in is a script, and not installed: of somebody who
    has signed in, it goes back to where they came from and says so."""
    try:
        return browser.open(address, data)
    except urllib.error.HTTPError as error:
        parts = urllib.parse.urlsplit(error.geturl())
        query = dict(urllib.parse.parse_qsl(parts.query))
        if not parts.path.endswith("/login.html"):
            raise
        if "prompt" in query:
            return error
        return visit(query["callback_url"] + "&g_continue")


page = visit(sys.argv[1])
for _ in range(5):
    form = Form()
    form.feed(page.read().decode())
    if form.action is None:
        break
    address = urllib.parse.urljoin(page.geturl(), form.action)
    page = visit(address, urllib.parse.urlencode(form.fields).encode())
print(page.geturl())
