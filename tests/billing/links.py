"""Prints the bills of a portal's database as JSON: name, instants, link. It reads the file alone, not the application.

    python links.py DATABASE
"""

import json
import sqlite3
import sys

QUERY = """
SELECT brand || '/' || invoices.id AS external_id, link, created_at, linked_at
FROM invoices JOIN customers ON customers.id = customer_id JOIN brands ON brands.id_brand = brand_id
ORDER BY invoices.id
"""

database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
database.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in database.execute(QUERY)]))
