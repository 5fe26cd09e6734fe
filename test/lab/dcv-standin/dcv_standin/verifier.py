"""What dcvserver asks the program behind `auth-token-verifier` about a viewer's token."""
import asyncio
from xml.etree import ElementTree

from aiohttp import ClientError, ClientSession, ClientTimeout

SECONDS = 10


class Rejected(Exception):
    pass


async def user_of(url, session_id, token, address):
    """The user whose token this is. Raises Rejected, also where nobody can say."""
    form = {"sessionId": session_id, "authenticationToken": token, "clientAddress": address}
    try:
        async with ClientSession(timeout=ClientTimeout(total=SECONDS)) as client:
            async with client.post(url, data=form) as response:
                if response.status != 200:
                    raise Rejected(f"The token verifier answered {response.status}")
                answer = ElementTree.fromstring(await response.text())
    except (ClientError, OSError, asyncio.TimeoutError, ElementTree.ParseError) as error:
        raise Rejected(f"The token verifier cannot be asked ({type(error).__name__})") from error
    user = answer.findtext("username")
    if answer.tag != "auth" or answer.get("result") != "yes" or not user:
        raise Rejected(answer.findtext("message") or "The token is not known")
    return user
