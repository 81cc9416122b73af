"""The table of methods; names are matched without regard to case."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram import about, answering, editing, sending
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.wire import Call

Method = Callable[[Telegram, Call], Any]

METHODS: dict[str, Method] = {
    "getme": about.get_me,
    "logout": about.agree,
    "close": about.agree,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendmediagroup": sending.send_media_group,
    "sendchataction": sending.send_chat_action,
    "copymessage": sending.copy_message,
    "forwardmessage": sending.forward_message,
    "editmessagetext": editing.edit_text,
    "editmessagecaption": editing.edit_caption,
    "editmessagemedia": editing.edit_media,
    "editmessagereplymarkup": editing.edit_markup,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "setmessagereaction": editing.set_reaction,
    "pinchatmessage": editing.pin,
    "unpinchatmessage": editing.unpin,
    "answercallbackquery": answering.answer_press,
    "answerinlinequery": answering.answer_inline,
    "setmycommands": about.set_commands,
    "getmycommands": about.get_commands,
    "deletemycommands": about.delete_commands,
    "setmyname": about.set_name,
    "getmyname": about.get_name,
    "setmydescription": about.set_description,
    "getmydescription": about.get_description,
    "setmyshortdescription": about.set_short_description,
    "getmyshortdescription": about.get_short_description,
    "getchat": about.get_chat,
    "getchatmember": about.get_member,
    "getchatadministrators": about.get_administrators,
    "getchatmembercount": about.count_members,
    "leavechat": about.leave,
    "getfile": about.get_file,
    "getuserprofilephotos": about.get_profile_photos,
}
