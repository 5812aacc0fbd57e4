"""Prices and launches with boto3 behind a minimal Lambda runtime, one call after another."""

import http.client
import json
import os
from datetime import datetime, timezone

import boto3

HOME = os.environ["AWS_REGION"]
clients = {}


def keys(secret_arn):
    secret = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=secret_arn)["SecretString"])
    return {"aws_access_key_id": secret["accessKeyId"], "aws_secret_access_key": secret["secretAccessKey"]}


KEYS = keys(os.environ["SECRET_ARN"]) if "SECRET_ARN" in os.environ else {}


def ec2(region):
    if region not in clients:
        clients[region] = boto3.client("ec2", region_name=region, **KEYS)
    return clients[region]


def priced(request):
    now = datetime.now(timezone.utc)
    question = {"StartTime": now, "EndTime": now}
    if "types" in request:
        question["InstanceTypes"] = request["types"]
    if "products" in request:
        question["ProductDescriptions"] = request["products"]
    data = []
    for region in request.get("regions", [HOME]):
        for page in ec2(region).get_paginator("describe_spot_price_history").paginate(**question):
            data += page["SpotPriceHistory"]
    if "limit" in request:
        data = sorted(data, key=lambda price: float(price["SpotPrice"]))[: request["limit"]]
    return {"event": "priced", "data": data}


def launched(request):
    answer = ec2(HOME).run_instances(
        ImageId=request["ami"],
        InstanceType=request["types"][0],
        MinCount=1,
        MaxCount=1,
        InstanceMarketOptions={"MarketType": "spot"},
    )
    return {"event": "launched", "data": answer["Instances"]}


def call(method, resource, body=None):
    runtime.request(method, "/2018-06-01/runtime/invocation/" + resource, body)
    response = runtime.getresponse()
    return response.headers, response.read()


runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    headers, event = call("GET", "next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        request = json.loads(json.loads(event)["body"])
        answer = launched(request) if request["task"] == "launch" else priced(request)
        body = json.dumps(answer, default=datetime.isoformat)
        call("POST", request_id + "/response", json.dumps({"statusCode": 200, "body": body}))
    except Exception as e:
        call("POST", request_id + "/error", json.dumps({"errorType": type(e).__name__, "errorMessage": str(e)}))
