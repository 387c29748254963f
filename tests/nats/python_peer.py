# SPDX-License-Identifier: Apache-2.0
"""The public Python client, for interop_test.py; the same words as go_peer/main.go."""
import asyncio
import base64
import json
import sys

import nats


def show(message):
    headers = {name: [value] for name, value in (message.headers or {}).items()}
    print(json.dumps({"subject": message.subject, "headers": headers,
                      "payload": base64.b64encode(message.data).decode()}), flush=True)


async def main(url, what, name, count="0"):
    connection = await nats.connect(url)
    stream = connection.jetstream()
    if what in ("store", "tell"):
        for line in sys.stdin:
            one = json.loads(line)
            headers = {name: values[0] for name, values in one["headers"].items()}
            publish = stream.publish if what == "store" else connection.publish
            await publish(name, base64.b64decode(one["payload"]), headers=headers or None)
        await connection.flush()
    elif what == "read":
        reader = await stream.subscribe(name, stream=name, ordered_consumer=True)
        for _ in range(int(count)):
            show(await reader.next_msg(30))
    else:
        listener = await connection.subscribe(name)
        await connection.flush()
        print("ready", flush=True)
        for _ in range(int(count)):
            show(await listener.next_msg(30))
    await connection.close()


asyncio.run(main(*sys.argv[1:]))
