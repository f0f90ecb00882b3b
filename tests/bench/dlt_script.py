"""Runs in a virtualenv of its own, with dlt and without the Portal: loads the people of a rehearsal Litmos.
Prints the seconds that it took."""

import os
import sys
import time

import dlt
from dlt.sources.helpers import requests

PAGE = 1000


@dlt.resource(name="people", write_disposition="merge", primary_key="Id")
def people(url: str, key: str):
    start = 0
    while True:
        query = {"source": "bench", "format": "json", "limit": PAGE, "start": start}
        answer = requests.get(f"{url}/users/details", params=query, headers={"apikey": key})
        rows = answer.json()
        yield rows
        if len(rows) < PAGE:
            return
        start += PAGE


url, database, folder = sys.argv[1:]
pipeline = dlt.pipeline(
    "bench",
    pipelines_dir=folder,
    destination=dlt.destinations.postgres(database),
    dataset_name="loaded",
)
begin = time.monotonic()
pipeline.run(people(url, os.environ["API_KEY"])).raise_on_failed_jobs()
print(time.monotonic() - begin)
