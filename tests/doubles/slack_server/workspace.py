"""A workspace: its people, rooms, messages and files, and how they are looked up."""

import mimetypes
import time
from urllib.parse import quote

from doubles.slack_server.shapes import NELLIE, TEAM, Json, Person, Refused, Room, new_id


class Workspace:
    """All of it, and what can be looked up in it."""

    def __init__(self) -> None:
        self.people = {
            one.id: one
            for one in (
                Person("U1", "ana", admin=True),
                Person("U2", "bob"),
                Person("U3", "carl"),
                Person(NELLIE, "nellie", bot=True),
            )
        }
        self.rooms = {"C1": Room("C1", "general", members=["U1", "U2", "U3", NELLIE])}
        self.files: dict[str, tuple[Json, bytes]] = {}
        self.deleted_files: set[str] = set()
        self.file_contents: dict[str, Json] = {}
        """What files.info says beside a file."""
        self.served_as: dict[str, str] = {}
        """The types of responses that are not their file's own."""
        self.redirects: dict[str, str] = {}
        """Where a download of a file is sent on to."""
        self.downloads: list[str] = []
        """What was asked for, by name."""
        self._last = 0

    url = home = ""

    def file_json(self, name: str, content: bytes, person: str) -> Json:
        """A file as Slack describes it."""
        file_id, kind = new_id("F"), mimetypes.guess_type(name)[0] or "application/octet-stream"
        at, address = int(time.time()), f"{self.url}/files/{file_id}/{quote(name)}"
        sizes = (360, 480, 720, 1024) if kind.startswith("image/") else ()
        thumbs = {f"thumb_{size}": f"{self.url}/files/{file_id}/{size}.png" for size in sizes}
        return {
            **thumbs,
            "id": file_id,
            "created": at,
            "timestamp": at,
            "name": name,
            "title": name,
            "mimetype": kind,
            "filetype": name.rpartition(".")[2],
            "pretty_type": "File",
            "user": person,
            "user_team": TEAM,
            "editable": False,
            "size": len(content),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": True,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": address,
            "url_private_download": address,
            "permalink": f"{self.home}files/{person}/{file_id}/{name}",
        }

    def next_ts(self) -> str:
        """Now, as Slack writes it; never the same twice."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def room(self, name: str) -> Room:
        """By its id, or by that of the person at the other end. Raises Refused."""
        if name in self.people and name != NELLIE:
            return self.direct(name)
        if name not in self.rooms:
            raise Refused("channel_not_found")
        return self.rooms[name]

    def direct(self, *people: str) -> Room:
        """The direct message of these people with Nellie; opened when there is none."""
        members = {*people, NELLIE}
        kind = "im" if len(people) == 1 else "mpim"
        for room in self.rooms.values():
            if room.kind == kind and set(room.members) == members:
                return room
        made = Room(new_id("D" if kind == "im" else "G"), "", kind, [*people, NELLIE])
        self.rooms[made.id] = made
        return made

    def message(self, room: Room, ts: str) -> Json:
        """Raises Refused."""
        if ts not in room.messages:
            raise Refused("message_not_found")
        return room.messages[ts]

    def add_message(self, room: Room, fields: Json) -> Json:
        """Keep a new message, and count it at its thread's root."""
        ts = self.next_ts()
        message = {"type": "message", **fields, "ts": ts, "team": TEAM}
        room.messages[ts] = message
        root = room.messages.get(message.get("thread_ts", ""))
        if root is not None and root is not message:
            repliers = {*root.get("reply_users", ()), message.get("user", "")}
            root.update(
                thread_ts=root["ts"],
                reply_count=root.get("reply_count", 0) + 1,
                reply_users=sorted(repliers),
                reply_users_count=len(repliers),
                latest_reply=ts,
            )
            message["parent_user_id"] = root.get("user", "")
        return message

    def _count_replies(self, room: Room, root: Json) -> None:
        """A reply was taken back; a root whose last reply is gone is a plain message again."""
        replies = room.thread(root["ts"])[1:]
        for name in ("reply_count", "reply_users", "reply_users_count", "latest_reply"):
            root.pop(name, None)
        if replies:
            repliers = sorted({reply.get("user", "") for reply in replies})
            root.update(
                reply_count=len(replies),
                reply_users=repliers,
                reply_users_count=len(repliers),
                latest_reply=replies[-1]["ts"],
            )
        elif root.get("subtype") == "tombstone":
            del room.messages[root["ts"]]
        else:
            root.pop("thread_ts", None)

    def remove_message(self, room: Room, ts: str) -> Json:
        """Take a message back; what others have answered to leaves a tombstone."""
        former = self.message(room, ts)
        if former.get("reply_count"):
            room.messages[ts] = {
                **{
                    name: value for name, value in former.items() if name not in ("blocks", "files")
                },
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
            }
        else:
            del room.messages[ts]
            root = room.messages.get(former.get("thread_ts", ""))
            if root is not None:
                self._count_replies(room, root)
        return former
