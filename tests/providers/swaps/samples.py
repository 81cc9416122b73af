"""What Changelly answers, as published: field names, types and magnitudes are its own, ids and addresses invented.

Sources: its documentation (docs.changelly.com, pages of each method), the README of changelly/api-changelly, and for
FIXED_QUOTE a capture in the tests of enkryptcom/enKrypt of September 2024, whose figures are untouched.
"""

COINS = [
    {
        "name": "USDTRX", "ticker": "usdtrx", "fullName": "Tether USD (TRX)", "enabled": True, "enabledFrom": True,
        "enabledTo": True, "fixRateEnabled": True, "payinConfirmations": 19, "extraIdName": None,
        "addressUrl": "https://tronscan.org/#/address/%1$s", "transactionUrl": "https://tronscan.org/#/transaction/%1$s",
        "image": "https://cdn.example/usdtrx.svg", "fixedTime": 1200000, "protocol": "TRC20", "blockchain": "tron",
        "contractAddress": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "notifications": {},
    },
    {
        "name": "XLM", "ticker": "xlm", "fullName": "Stellar", "enabled": True, "enabledFrom": False, "enabledTo": True,
        "fixRateEnabled": False, "payinConfirmations": 1, "extraIdName": "Memo.ID", "protocol": "XLM",
        "blockchain": "stellar", "contractAddress": "", "notifications": {"deposit": "Attach the memo"},
    },
    {"name": "OLD", "ticker": "OLD", "fullname": "Old coin", "enabled": False, "enabledFrom": True, "enabledTo": True,
     "fixRateEnabled": True, "coin": "OLD", "network": "oldnet"},
]  # fmt: skip

FLOAT_QUOTE = {
    "from": "ltc", "to": "eth", "networkFee": "0.00180019", "amountFrom": "3.99", "amountTo": "0.1085994",
    "max": "642.0361639", "maxFrom": "642.0361639", "maxTo": "17.42", "min": "0.4013", "minFrom": "0.4013",
    "minTo": "0.0109", "visibleAmount": "0.10903554", "rate": "0.0273272", "fee": "0.00043614",
}  # fmt: skip

FIXED_QUOTE = {
    "id": "GhNY6BJBOsjt8UlfEOHI&x0B$m6Dde", "from": "sol", "to": "btc", "result": "0.002191229654",
    "networkFee": "0.00001909", "max": "700.00000000", "maxFrom": "700.00000000", "maxTo": "1.57946710",
    "min": "0.80000000", "minFrom": "0.80000000", "minTo": "0.00180510", "amountFrom": "1", "amountTo": "0.00217213",
    "expiredAt": 1726539734,
}  # fmt: skip

OLD_QUOTE = {
    "from": "ltc", "to": "eth", "networkFee": "0.0005", "amount": "1", "result": "0.0355832",
    "visibleAmount": "0.0357261", "rate": "0.0357261", "fee": "0.0001429",
}  # fmt: skip

CREATED = {
    "id": "ze6rnqcnnuxxd6hc", "trackUrl": "https://changelly.com/track/ze6rnqcnnuxxd6hc", "createdAt": 1726540614000000,
    "type": "float", "status": "new", "currencyFrom": "xlm", "currencyTo": "xrp", "payinAddress": "GDX6EXAMPLE",
    "payinExtraId": "978301237653", "payoutAddress": "rwpMEXAMPLE", "payoutExtraId": "1234",
    "refundAddress": "GB2EXAMPLE", "amountExpectedFrom": "500", "amountExpectedTo": "98.11", "networkFee": "0.25",
}  # fmt: skip

FINISHED = {
    "id": "uzul0000aaaa197b", "trackUrl": "https://changelly.com/track/uzul0000aaaa197b", "createdAt": 1664897070000000,
    "type": "fixed", "moneyReceived": 1664897109000000, "moneySent": 1664897441000000, "rate": "14.41196637",
    "payinConfirmations": "1", "status": "finished", "currencyFrom": "btc", "currencyTo": "eth",
    "payinAddress": "3Fi6v6sEXAMPLE", "payinExtraId": None, "payinExtraIdName": None, "payinHash": "9f19",
    "amountExpectedFrom": "0.1", "payoutAddress": "0xeeEXAMPLE", "payoutExtraId": None, "payoutExtraIdName": None,
    "payoutHash": "0x1d04", "payoutHashLink": "https://etherscan.io/tx/0x1d04", "refundHash": None,
    "refundHashLink": None, "amountFrom": "0.1", "amountTo": "1.43939664", "amountExpectedTo": "1.44119664",
    "networkFee": "0.0018", "changellyFee": "0.4", "apiExtraFee": "0.00", "totalFee": "0.0075", "canPush": False,
    "canRefund": False,
}  # fmt: skip

WAITING = FINISHED | {
    "status": "waiting", "moneyReceived": 0, "moneySent": 0, "payinConfirmations": "0", "payinHash": None,
    "payoutHash": None, "payoutHashLink": None, "amountFrom": "", "amountTo": "0", "networkFee": "0", "totalFee": None,
}  # fmt: skip

PAIR_PARAMS = {
    "from": "btc", "to": "eth", "minAmountFloat": "0.0015", "maxAmountFloat": "25629.527850432485",
    "minAmountFixed": "0.0025", "maxAmountFixed": "3.2138",
}  # fmt: skip

LIMITS = {
    "limits": {
        "max": {"from": "0.64342124", "to": "50012.474408"},
        "min": {"from": "0.00023742", "to": "18.454024"},
    }
}

# The third document's own examples.
REST_QUOTE = {"result": "12.345", "currencyFrom": "btc", "currencyTo": "eth"}
REST_CREATED = {
    "id": "transaction_id", "payinAddress": "payin_address", "payoutAddress": "payout_address",
    "amountExpectedFrom": "1", "amountExpectedTo": "12.345", "currencyFrom": "btc", "currencyTo": "eth",
    "status": "new", "createdAt": "2023-10-27T10:00:00.000Z",
}  # fmt: skip
REST_FINISHED = {
    "id": "transaction_id", "payinAddress": "payin_address", "payoutAddress": "payout_address",
    "amountExpectedFrom": "1", "amountExpectedTo": "12.345", "amountFrom": "1.00000000", "amountTo": "12.34500000",
    "currencyFrom": "btc", "currencyTo": "eth", "status": "finished", "createdAt": "2023-10-27T10:00:00.000Z",
    "updatedAt": "2023-10-27T10:15:00.000Z", "networkFees": "0.0001", "provider": "Changelly", "confirmations": 6,
    "txId": "0xabcdef1234567890",
}  # fmt: skip
REST_COINS = [
    {"name": "Bitcoin", "ticker": "btc", "enabled": True, "fixRateEnabled": True, "payinEnabled": True,
     "payoutEnabled": True},
    {"name": "Ripple", "ticker": "xrp", "enabled": True, "fixRateEnabled": True, "payinEnabled": True,
     "payoutEnabled": False},
]  # fmt: skip
