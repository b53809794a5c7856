"""A mail server for tests: server.py PORT FOLDER DELAY. Keeps each message as a file in FOLDER."""

import asyncio
import os
import sys

from aiosmtpd.controller import Controller

port, folder, delay = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
taken = 0


class Keep:
    async def handle_DATA(self, server, session, envelope):
        global taken
        taken += 1
        # On disk before it is confirmed, as RFC 5321 6.1 asks: a client killed in between cannot know.
        path = os.path.join(folder, f"{taken:06}.eml")
        with open(path + ".part", "wb") as file:
            head = envelope.mail_from + "\n" + ",".join(envelope.rcpt_tos) + "\n"
            file.write(head.encode() + envelope.original_content)
        os.rename(path + ".part", path)
        await asyncio.sleep(delay)
        return "250 taken"


controller = Controller(Keep(), hostname="127.0.0.1", port=port)
controller.start()
asyncio.new_event_loop().run_forever()
