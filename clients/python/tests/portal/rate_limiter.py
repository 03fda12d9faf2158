"""The portal's limiter: what was here is replaced by these lines."""

from antre.billing import install
from portal.xendit_service import create_xendit_invoice

globals().update(install(create_xendit_invoice))
