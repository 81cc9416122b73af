"""Pictures and tables, made in a worker process; the desk itself never imports what they are made with.

worker   Charts: queue, one flight a picture, what is kept      process  one worker and the pipe to it
border   what crosses: columns, jobs, frames                    child    the worker's inside
lines    the picture of a series: line, area, bars              candles  of open, high, low and close
depth    of the offers around a price                           sheet    what all pictures have in common
canvas   pixels                                                 ticks    where the axes are labelled, and how
tables   the wide table (polars)                                requests what can be asked for as a table
"""

from bot.charts.requests import TableFormat, TableRequest, TableResult, TableStats, parse_every
from bot.charts.worker import Charts, Limits

__all__ = ["Charts", "Limits", "TableFormat", "TableRequest", "TableResult", "TableStats", "parse_every"]
