"""Signs a request many times with botocore or awscrt: the same request that SigningLoop.swift signs with Elenco."""
import datetime

from measure import measured, read_job

URL = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/elenco-worker/invocations"
HEADERS = {"X-Amz-Invocation-Type": "Event", "Content-Type": "application/json"}
BODY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def botocore(count: int) -> None:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signer = SigV4Auth(Credentials("AKIABENCH", "bench"), "lambda", "us-east-1")
    for _ in range(count):
        request = AWSRequest("POST", URL, headers={**HEADERS, "X-Amz-Content-SHA256": BODY_HASH}, data=b"")
        signer.add_auth(request)


def awscrt(count: int) -> None:
    from awscrt import auth, http

    credentials = auth.AwsCredentialsProvider.new_static("AKIABENCH", "bench")
    host = URL.split("/")[2]
    for _ in range(count):
        headers = http.HttpHeaders([("Host", host), *HEADERS.items()])
        request = http.HttpRequest("POST", URL.split(host, 1)[1], headers)
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4, signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=credentials, region="us-east-1", service="lambda",
            date=datetime.datetime.now(datetime.UTC), signed_body_value=BODY_HASH)
        auth.aws_sign_request(request, config).result()


def main() -> None:
    job = read_job()
    sign = {"botocore": botocore, "awscrt": awscrt}[job["library"]]
    sign(100)  # imports the library, and does its one-time set-up
    with measured() as figures:
        sign(job["count"])
        figures["count"] = job["count"]


if __name__ == "__main__":
    main()
