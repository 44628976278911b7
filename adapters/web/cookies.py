"""The cookie that says who is signed in, and the one of the look."""

from dataclasses import dataclass

from aiohttp import web

FOR_LONG = 400 * 86_400  # seconds, the most that browsers keep one; when a session ends we know
THEME = "theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Cookies:
    """What is set and read; `secure` where people come by https."""

    secure: bool

    @property
    def name(self) -> str:
        """The prefix lets browsers take it from this machine alone, and by https."""
        return "__Host-nellie" if self.secure else "nellie"

    def session(self, request: web.Request) -> str:
        """What a browser sent; empty where it sent none."""
        return request.cookies.get(self.name, "")

    def theme(self, request: web.Request) -> str:
        """Light, dark, or as the system has it (auto)."""
        said = request.cookies.get(THEME, "")
        return said if said in THEMES else THEMES[0]

    def sign_in(self, response: web.Response, secret: str) -> None:
        """Let the browser send it from now on, but not from other sites' pages."""
        self._set(response, self.name, secret)

    def sign_out(self, response: web.Response) -> None:
        """Take it away."""
        response.del_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="Lax")

    def set_theme(self, response: web.Response, theme: str) -> None:
        """Keep the look."""
        self._set(response, THEME, theme)

    def _set(self, response: web.Response, name: str, value: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=FOR_LONG,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )
