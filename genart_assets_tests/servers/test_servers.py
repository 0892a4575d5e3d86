"""The servers behind the fixtures are real: they keep what they are given and refuse a wrong secret."""

from __future__ import annotations

import boto3
import psycopg2
import pytest
from botocore.exceptions import ClientError

from genart_assets_tests.servers.postgres import PostgresServer
from genart_assets_tests.servers.swift import S3Server


def test_postgres_keeps_rows_and_refuses_a_wrong_password(postgres_server: PostgresServer, postgres_url: str) -> None:
    with psycopg2.connect(postgres_url) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE kept (x int); INSERT INTO kept VALUES (7)")
        cursor.execute("SELECT x FROM kept")
        assert cursor.fetchall() == [(7,)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(postgres_url, password="wrong")


def test_s3_keeps_objects_and_refuses_a_wrong_secret(s3_server: S3Server, s3_root: str) -> None:
    bucket = s3_root.split("/")[2]
    boto3.client("s3").put_object(Bucket=bucket, Key="a/b", Body=b"kept")
    assert boto3.client("s3").get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"kept"
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        s3_server.client("wrong").list_objects_v2(Bucket=bucket)
