"""`dcv get-screenshot` and `dcv set-display-layout`."""
import base64
import re

from . import cli

HEAD = re.compile(r"(\d{1,5})x(\d{1,5})(?:\+(-?\d{1,5})\+(-?\d{1,5}))?")


def get_screenshot(options, positional):
    action = "Could not get screenshot"
    limits = {name: options.get(name, "0") for name in ("max-width", "max-height")}
    for name, value in limits.items():
        if not value.isdigit():
            raise cli.Usage(f"Invalid value '{value}' for --{name}")
    if options.get("format", "PNG") != "PNG":
        raise cli.Failure(f"{action}. This stand-in makes PNG only")
    if "output" not in options:
        raise cli.Usage("Specify --output")
    request = {"command": "get-screenshot", "id": positional[0], **{name: int(n) for name, n in limits.items()}}
    picture = base64.b64decode(cli.ask(action, request)["png"])
    try:
        with open(options["output"], "wb") as file:
            file.write(picture)
    except OSError as error:
        raise cli.Failure(f"{action}. {options['output']}: {error.strerror}") from error


def set_display_layout(options, positional):
    if "session" not in options:
        raise cli.Usage("Specify --session")
    heads = []
    for part in positional[0].split(","):
        found = HEAD.fullmatch(part)
        if found is None:
            raise cli.Usage(f"Invalid display layout '{positional[0]}'")
        width, height, x, y = (int(number or 0) for number in found.groups())
        heads.append({"width": width, "height": height, "x": x, "y": y})
    cli.ask(
        "Could not set display layout",
        {"command": "set-display-layout", "id": options["session"], "layout": heads},
    )
