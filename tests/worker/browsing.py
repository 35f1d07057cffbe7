"""A browser without a screen, for tests that talk to a real web process."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    status: int
    url: str
    text: str


class Browser:
    def __init__(self, address: str) -> None:
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.last = Page(0, "", "")

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(self.address + path))

    def post(self, path: str, form: Mapping[str, object], **headers: str) -> Page:
        """Send a form with the token of the page that was opened last."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.last.text)
        sent = {"csrf_token": token[1] if token else "", **form}
        body = urllib.parse.urlencode(sent).encode()
        return self._open(urllib.request.Request(self.address + path, data=body, headers=headers))

    def upload(self, path: str, field: str, name: str, content: bytes) -> Page:
        """Send one file, as the page's form for files would."""
        token, line = re.search(r'name="csrf_token" value="([^"]+)"', self.last.text), "piece-of-a-form"
        head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
        hidden = f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{token[1] if token else ""}'
        body = f"--{line}\r\n{hidden}\r\n--{line}\r\n{head}".encode() + content + f"\r\n--{line}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={line}"}
        return self._open(urllib.request.Request(self.address + path, data=body, headers=headers))

    def sign_in(self, email: str, password: str) -> Page:
        self.get("/connexion")
        return self.post("/connexion", {"email": email, "password": password})

    def _open(self, request: urllib.request.Request) -> Page:
        request.add_header("X-Request-Id", "CANARYlogbait")
        try:
            with self._opener.open(request, timeout=30) as answer:
                page = Page(answer.status, answer.url, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as answer:
            page = Page(answer.code, answer.url, answer.read().decode(errors="replace"))
        if "csrf_token" in page.text and "HX-Request" not in dict(request.header_items()):
            self.last = page
        return page
