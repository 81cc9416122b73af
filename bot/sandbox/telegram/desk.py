"""The desk: what the chat page, and tests or benches in another process, ask of the stand-in (JSON under /desk/api/).

Names. `person` is an id (1001) or a username ("alice"). `bot` is an id or username and may be left out: the first bot.
`chat` is the id that the *bot* sees, and may be left out: the person's private chat with the bot (its id is the person's).
A **message** is the Bot API's own Message object (`message_id, from, chat, date, edit_date, text, entities, caption,
caption_entities, photo, document, reply_markup, reply_to_message, via_bot, media_group_id …`; offsets in UTF-16 units)
and one field more, `desk`: `{"n": change number, "bot": id of the bot whose chat it is or null, "pinned": bool,
"reactions": ["👍"], "deleted": bool}`. A refusal is `{"error": "plain words"}` with status 400, 404, 409 or 504.

    GET  /desk/api/state                      {bots: [bot], people: [person], chats: [chat], faults, down, rates, worlds}
           bot    {id, username, first_name}          person {id, first_name, username, language_code, admin}
           chat   {id, type, title, members: [ids], bots: [ids]}   (groups and supergroups; private chats are implied)
    GET  /desk/api/chats?person               [{chat: {…}, bot: id|null, title, last: message|null, blocked: bool}]
    GET  /desk/api/history?person&chat&bot&before&limit      {messages: [oldest … newest], more: bool}   limit <= 200
    GET  /desk/api/menu?person&chat&bot       {commands: [{command, description}], name, description, short_description}
    GET  /desk/api/file?id                    the bytes of a file_id (also file_unique_id); pictures with their type

    POST /desk/api/say      {person, text, chat?, bot?, reply_to?}           {update_id, message}
    POST /desk/api/press    {person, message_id, data | button | [row, column] as at, chat?, bot?}
                                                                             {update_id, query_id}, then event `answer`
           a button with a url is the page's to open; it cannot be pressed here
    POST /desk/api/inline   {person, query, offset?, chat?, bot?}            {query_id, results, next_offset, button}
           waits for the bot up to 10 s, then 504
    POST /desk/api/choose   {person, query_id, result_id, chat?, bot?}       {update_id|null, message}
    POST /desk/api/edit     {person, message_id, text, chat?, bot?}          {update_id, message}
    POST /desk/api/delete   {person, message_id, chat?, bot?}                {}          (bots are not told, as in Telegram)
    POST /desk/api/upload   multipart: person, kind = photo | document, file, caption?, chat?, bot?   {update_id, message}
    POST /desk/api/block    {person, blocked: bool, bot?}                    {update_id}

    POST /desk/api/people   {first_name, id?, username?, language_code?, started?: bool}     person
    POST /desk/api/groups   {title, members: [person], bots?: [bot], id?}    chat
    POST /desk/api/upgrade  {chat}                                           chat     (group to supergroup, new id)
    POST /desk/api/bots     {token, username?, first_name?}                  bot

    GET  /desk/api/world                      [{name, switches: [{id, label, kind: toggle|choice|action|number, value, options}]}]
    POST /desk/api/world    {world: name, id, value}                         the same list again
    GET  /desk/api/faults                     {down: bool, faults: [{id, kind, method, bot, chat, times, …}], kinds: […]}
    POST /desk/api/faults   {kind, method?, bot?, chat?, times?, retry_after?, delay_s?, executed?} adds one;
                            {down: bool} · {remove: id} · {clear: true}      the same object again
    POST /desk/api/rates    {on?, chat_per_s?, chat_burst?, group_per_minute?, bulk_per_s?, reply_window_s?}     rates
    POST /desk/api/clock    {advance_s}                                      {now}
    POST /desk/api/inject   {updates: [raw], bot?} or {count, people: [ids] | how many, texts: [text], bot?, first_id?}
                                                                             {first, last, count}
    POST /desk/api/redeliver {update_id, bot?}                               {}
    GET  /desk/api/counters                   {now, sent, methods: {name: calls}, refusals: {code: n}, bots:
                                               {username: {queued, confirmed, last_update_id, polling, webhook}}}
    GET  /desk/api/requests?limit&method      [{n, at, bot, method, params, status, description}] newest last

    GET  /desk/api/stream?person              Server-Sent Events; without person: everything. Each is `data: {json}` with
           n, kind, chat, bot, person, and by kind
             message, edited  {message}                 deleted  {message_ids}
             typing           {action}                  answer   {query_id, text, show_alert, url}
             menu             {}  (ask /menu again)     pinned   {message_id, pinned: bool}
             reaction         {message_id, reactions}   chats    {}  (ask /state and /chats again)
             blocked          {blocked}                 world    {world}     faults {}
             lagged           {}  (events were dropped: ask for everything again)
           The first event is `hello {n}`. A comment line comes every 15 s to keep the connection.

Everything else under `/` is the page: files of `page/`, with `/` as `index.html`.
"""
