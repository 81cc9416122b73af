"""The house, in ten lines.

app        builds every part and knows them all; start order, stop order
intake     updates -> sealed inbox -> lanes          web        webhook, health, metrics
delivery   outbox -> Telegram                        jobs       what the clock does
services   use cases, one class a noun               views      a noun -> a Reply
providers  vendors behind the ports                  charts     pictures and tables, in a worker process
texts      catalogues, one file a language           telegram   the wire to the Bot API
domain     the rules; standard library only          sandbox    the world of `make run` without a token
Beside it: handlers/ (what a person types) and storage/ (what is kept).
"""
