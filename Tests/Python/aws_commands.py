"""Usage: aws_commands.py <COMMANDS

Runs commands of the AWS CLI in one process, because starting the CLI takes a second of processor time. Reads one
command per line, as a JSON array of arguments without `aws`, and prints one line per command: an object with `code`,
`output` and `errors`.

Can delete the policy that refuses plain HTTP to a bucket, as infra/put-inputs does.
"""
import contextlib
import io
import json
import sys

import awscli.clidriver


def run(driver, arguments):
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = driver.main(arguments)
        except SystemExit as error:  # how the CLI's argument parser ends
            code = error.code
    texts = []
    for stream in (output, errors):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode(errors="replace"))
    return {"code": code or 0, "output": texts[0], "errors": texts[1]}


driver = awscli.clidriver.create_clidriver()
secure = {"X-Forwarded-Proto": "https"}  # MiniStack enforces the policy for its own removal, too
driver.session.register(
    "before-call.s3.DeleteBucketPolicy", lambda params, **_: params["headers"].update(secure))
answers = sys.stdout
for line in sys.stdin:
    print(json.dumps(run(driver, json.loads(line))), file=answers, flush=True)
