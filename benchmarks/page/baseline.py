"""A bare page, to compare with: aiohttp, Jinja2 and one SELECT, and nobody is asked who looks.

python -m benchmarks.page.baseline ADDRESS PORT
"""

import asyncio
import sys

import asyncpg
from aiohttp import web
from jinja2 import Environment

LIST = Environment(autoescape=True).from_string("""<!doctype html><title>Newest</title>
{% for one in rows %}<p><b>{{ one.author_name }}</b> {{ one.said_at }}</p><p>{{ one.text }}</p>
{% endfor %}""")
NEWEST = """
    SELECT author_name, said_at, text FROM message WHERE channel_id = $1
    ORDER BY said_at DESC, seq DESC LIMIT 40
"""


async def serve(address: str, port: int) -> None:
    """Until it is told to stop."""
    async with asyncpg.create_pool(address.replace("+asyncpg", "")) as pool:

        async def show(request: web.Request) -> web.Response:
            rows = await pool.fetch(NEWEST, int(request.match_info["channel"]))
            return web.Response(text=LIST.render(rows=rows), content_type="text/html")

        application = web.Application()
        application.add_routes([web.get(r"/channels/{channel:\d+}", show)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
