"""Decides who may use the review page: checks the token, the host name and the origin of posts, and sets headers."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSRF_HEADER = "X-Genart-CSRF"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Access:
    """ASGI middleware around the whole page, with its files and its errors.

    A request has the token as ``Authorization: Bearer``, or once as ``/?token=``, which sets a cookie with a hash of
    it. A post with the cookie needs the page's CSRF header, and a post from another origin is refused. The Host header
    must name this machine, so that a foreign domain that resolves to it is refused.
    """

    def __init__(self, app: ASGIApp, token: str, host: str = "127.0.0.1") -> None:
        self._app = app
        self._token = token
        self._host = host
        self.cookie_name = f"genart_review_{self._derived('name')[:8]}"

    @property
    def csrf(self) -> str:
        """The value that the page sends in its CSRF header."""
        return self._derived("csrf")

    @property
    def home_id(self) -> str:
        """An id by which browsers distinguish homes whose pages have the same address."""
        return self._derived("home")[:12]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        by_query = scope["path"] == "/" and self._is_token(request.query_params.get("token", ""))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if by_query:
                    cookie = f"{self.cookie_name}={self._derived('cookie')}; HttpOnly; SameSite=Strict; Path=/"
                    headers.append("Set-Cookie", cookie)
            await send(message)

        refusal = self._refusal(request, by_query)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, request: Request, by_query: bool) -> Response | None:
        if not self._names_us(request.headers.get("host", "")):
            return PlainTextResponse("this server has another name; open the address that it printed\n", 400)
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        by_bearer = kind.lower() == "bearer" and self._is_token(given.strip())
        by_cookie = _same(request.cookies.get(self.cookie_name, ""), self._derived("cookie"))
        if not (by_bearer or by_cookie or by_query):
            return PlainTextResponse(
                "a token is required; open the address that `genart review` printed\n",
                401,
                {"WWW-Authenticate": 'Bearer realm="genart review"'},
            )
        if request.method in ("GET", "HEAD"):
            return None
        origin, host = request.headers.get("origin"), request.headers.get("host")
        foreign = origin is not None and origin.rpartition("://")[2] != host
        if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("posts from other sites are refused\n", 403)
        if not by_bearer and not _same(request.headers.get(CSRF_HEADER, ""), self.csrf):
            return PlainTextResponse(f"a post needs the page's {CSRF_HEADER}; load the page again\n", 403)
        return None

    def _names_us(self, host_header: str) -> bool:
        try:
            name = urlsplit(f"//{host_header}").hostname or ""
        except ValueError:
            return False
        if name in ("localhost", self._host.lower()):
            return True
        only_loopback = is_loopback(self._host)
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return not only_loopback and name == socket.gethostname().lower()
        return address.is_loopback or not only_loopback

    def _is_token(self, given: str) -> bool:
        return _same(given, self._token)

    def _derived(self, purpose: str) -> str:
        return hmac.new(self._token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def is_loopback(host: str) -> bool:
    """Whether a server on ``host`` can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())
