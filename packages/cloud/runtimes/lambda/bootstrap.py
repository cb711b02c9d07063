"""The runtime client of python functions: takes events from the Runtime API, calls the handler, and tells how it went.

It is run by the host's Python, on its own: it must not need anything that is not Python's.
See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
ROOT = os.environ["LAMBDA_TASK_ROOT"]
OPT = os.environ.get("TRYSAIL_LAMBDA_OPT")
IS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
BASE = "/2018-06-01/runtime"


class Api:
    """The Runtime API over one connection, made anew where it was closed."""

    def __init__(self):
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        for attempt in range(2):
            is_new = self.connection is None
            if is_new:
                self.connection = http.client.HTTPConnection(API)
            try:
                self.connection.request(method, BASE + path, body, headers or {})
                response = self.connection.getresponse()
                return response.status, response.headers, response.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                self.connection.close()
                self.connection = None
                if is_new or attempt == 1:
                    raise


class ClientContext:
    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        client = values.get("client")
        self.client = None if client is None else type("Client", (), client)


class CognitoIdentity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class LambdaContext:
    """What a handler is told of its invocation."""

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = CognitoIdentity(json.loads(headers.get("lambda-runtime-cognito-identity") or "{}"))
        client = headers.get("lambda-runtime-client-context")
        self.client_context = None if client is None else ClientContext(json.loads(client))
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        print(message, flush=True)


class LogHandler(logging.Handler):
    """Writes what is logged as AWS's own client does: one line an event, line ends within as carriage returns."""

    request_id = None

    def emit(self, record):
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        if IS_JSON:
            line = {"timestamp": stamp + "Z", "level": record.levelname, "message": message, "logger": record.name}
            if LogHandler.request_id is not None:
                line["requestId"] = LogHandler.request_id
            write(json.dumps(line))
            return
        write(f"[{record.levelname}]\t{stamp}.{int(record.msecs):03d}Z\t{LogHandler.request_id or ''}\t{message}\n")


def write(text):
    sys.stdout.write(text.rstrip("\n").replace("\r\n", "\n").replace("\n", "\r") + "\n")
    sys.stdout.flush()


class RuntimeFault(Exception):
    """A fault of the function as such, with AWS's name for it."""

    def __init__(self, error_type, message, frames=None):
        super().__init__(message)
        self.error_type = error_type
        self.frames = frames or []


def shape_of(error, request_id=""):
    """What a caller is told of something that was raised. Our own frames are left out."""
    if isinstance(error, RuntimeFault):
        kind, frames = error.error_type, error.frames
    else:
        kind = type(error).__name__
        summary = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        summary = [frame for frame in summary if not frame.filename.startswith("<frozen importlib")]
        frames = traceback.format_list(summary)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": frames}


def log_error(shape):
    if IS_JSON:
        line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "log_level": "ERROR"}
        write(json.dumps({**line, **shape}))
        return
    lines = [f"[ERROR] {shape['errorType']}: {shape['errorMessage']}"]
    if shape["stackTrace"]:
        lines += ["Traceback (most recent call last):"] + [frame.rstrip("\n") for frame in shape["stackTrace"]]
    write("\n".join(lines))


def load(name):
    """`folder/module.handler` is the function `handler` of folder/module."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise RuntimeFault("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        frames = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise RuntimeFault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", frames)
    if not hasattr(module, function_name):
        raise RuntimeFault("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return getattr(module, function_name)


def reach_layers():
    """Programs below /opt are those of the layers, which lie in a folder of their own here; scripts that name AWS's
    Python run by this one."""
    if not OPT:
        return
    import subprocess

    original = subprocess.Popen.__init__

    def moved(program):
        path = OPT + program[len("/opt") :]
        try:
            with open(path, "rb") as file:
                line = file.readline(64)
        except OSError:
            return [program]
        return [sys.executable, path] if line.startswith(b"#!/var/lang/bin/python") else [path]

    def start(self, args, *others, **named):
        if isinstance(args, (list, tuple)) and args and str(args[0]).startswith("/opt/"):
            args = [*moved(str(args[0])), *args[1:]]
        original(self, args, *others, **named)

    subprocess.Popen.__init__ = start


def main():
    # Ours is no place to import from; the function's own and its layers' are.
    sys.path[0] = ROOT
    logging.root.handlers = [LogHandler()]
    if IS_JSON:
        logging.root.setLevel(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO").replace("FATAL", "CRITICAL"))
    reach_layers()
    api = Api()
    try:
        handler = load(os.environ["_HANDLER"])
    except BaseException as error:
        shape = shape_of(error)
        log_error(shape)
        api.call("POST", "/init/error", json.dumps(shape), {"lambda-runtime-function-error-type": shape["errorType"]})
        sys.exit(1)
    while True:
        try:
            status, headers, body = api.call("GET", "/invocation/next")
        except (http.client.HTTPException, OSError):
            status = 0
        if status != 200:
            # The environment is being ended.
            sys.exit(0)
        context = LambdaContext(headers)
        LogHandler.request_id = context.aws_request_id
        trace = headers.get("lambda-runtime-trace-id")
        if trace is not None:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        path = f"/invocation/{context.aws_request_id}"
        try:
            result = handler(json.loads(body), context)
            try:
                answer = json.dumps(result, ensure_ascii=False).encode("utf-8")
            except Exception as error:
                raise RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}")
        except Exception as error:
            shape = shape_of(error, context.aws_request_id)
            log_error(shape)
            kind = {"lambda-runtime-function-error-type": shape["errorType"]}
            api.call("POST", path + "/error", json.dumps(shape), kind)
        else:
            api.call("POST", path + "/response", answer, {"content-type": "application/json"})


main()
