"""A picture of a session's display as PNG: what Xvnc shows, read over RFB, as a viewer that looks once would."""
import asyncio
import struct
import zlib

READ_SECONDS = 10


class Picture:
    """Pixels from left to right and top to bottom, three bytes each (red, green, blue)."""

    def __init__(self, width, height, rgb):
        self.width, self.height, self.rgb = width, height, rgb

    def within(self, max_width, max_height):
        """The same picture, made smaller where it is too large; its proportions stay."""
        factor = min(1, (max_width or self.width) / self.width, (max_height or self.height) / self.height)
        if factor == 1:
            return self
        width, height = max(1, int(self.width * factor)), max(1, int(self.height * factor))
        columns = [x * self.width // width * 3 for x in range(width)]
        rows = []
        for y in range(height):
            start = y * self.height // height * self.width * 3
            rows.append(b"".join(self.rgb[start + x : start + x + 3] for x in columns))
        return Picture(width, height, b"".join(rows))

    def png(self):
        line = self.width * 3
        rows = b"".join(b"\0" + self.rgb[y * line : (y + 1) * line] for y in range(self.height))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


async def take(rfb):
    """What is shown now. `rfb` is the socket of the session's Xvnc. Raises OSError when it does not answer."""
    reader, writer = await asyncio.open_unix_connection(rfb)
    try:
        return await asyncio.wait_for(_read(reader, writer), READ_SECONDS)
    except (asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
        raise OSError("the display does not answer") from error
    finally:
        writer.close()


async def _read(reader, writer):
    await reader.readexactly(12)
    writer.write(b"RFB 003.008\n")
    (kinds,) = await reader.readexactly(1)
    await reader.readexactly(kinds)
    writer.write(b"\x01")  # no password
    await reader.readexactly(4)
    writer.write(b"\x01")  # shared
    width, height = struct.unpack(">HH16x", await reader.readexactly(20))
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    await reader.readexactly(length)
    # 32 bits a pixel, in memory red, green, blue and one that says nothing; nothing but raw pixels; all of it
    writer.write(struct.pack(">B3xBBBBHHHBBB3x", 0, 32, 24, 0, 1, 255, 255, 255, 0, 8, 16))
    writer.write(struct.pack(">BxHi", 2, 1, 0))
    writer.write(struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
    pixels, missing = bytearray(width * height * 4), width * height
    while missing > 0:
        missing -= await _message(reader, pixels, width)
    rgb = bytearray(width * height * 3)
    for colour in range(3):
        rgb[colour::3] = pixels[colour::4]
    return Picture(width, height, bytes(rgb))


async def _message(reader, pixels, width):
    """Reads one message; how many pixels it brought."""
    (kind,) = await reader.readexactly(1)
    if kind == 1:  # colours, for displays that have few
        (count,) = struct.unpack(">3xH", await reader.readexactly(5))
        await reader.readexactly(count * 6)
    elif kind == 3:  # the clipboard
        (length,) = struct.unpack(">3xI", await reader.readexactly(7))
        await reader.readexactly(length)
    if kind != 0:
        return 0
    (count,) = struct.unpack(">xH", await reader.readexactly(3))
    brought = 0
    for _ in range(count):
        left, top, wide, high, _encoding = struct.unpack(">HHHHi", await reader.readexactly(12))
        data = await reader.readexactly(wide * high * 4)
        for row in range(high):
            at = ((top + row) * width + left) * 4
            pixels[at : at + wide * 4] = data[row * wide * 4 : (row + 1) * wide * 4]
        brought += wide * high
    return brought
