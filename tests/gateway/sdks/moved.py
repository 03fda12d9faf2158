"""A program that uses Xendit's Python SDK. Only the URL is the gateway's."""

import json
import sys

import xendit
from xendit.apis import InvoiceApi
from xendit.invoice.model import CreateInvoiceRequest

url, key, name = sys.argv[1:]
configuration = xendit.Configuration(host=url)
configuration.api_key = key
api = InvoiceApi(xendit.ApiClient(configuration))


def request(**fields):
    return CreateInvoiceRequest(**{"external_id": name, "amount": 350000.0, "description": "Internet", **fields})


told = {}
made = api.create_invoice(request())
told["made"] = {"id": made.id, "url": made.invoice_url, "status": str(made.status)}
told["again"] = api.create_invoice(request()).id
told["read"] = api.get_invoice_by_id(made.id).id
told["listed"] = [invoice.id for invoice in api.get_invoices(external_id=name)]
told["expired"] = str(api.expire_invoice(made.id).status)
told["anew"] = api.create_invoice(request()).id


def failed(**fields):
    """Each is the SDK's own exception, with the status and the code of the answer."""
    for_user_id = fields.pop("for_user_id", None)
    further = {"for_user_id": for_user_id} if for_user_id else {}
    try:
        api.create_invoice(request(**fields), **further)
    except xendit.XenditSdkException as error:
        return [int(error.status), error.errorCode]
    return "no error"


told["refused"] = failed(external_id=name + "-refused", currency="XXX")
told["conflict"] = failed(amount=1.0)
told["otherUser"] = failed(for_user_id="somebody")
print(json.dumps(told))
