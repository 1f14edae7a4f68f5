"""Collections remember faces, and find them again in the very same image."""

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from mlstack.local.aws import LocalAws
from mlstack.local.rekognition.collection import Collections
from mlstack.local.rekognition.image import Picture
from mlstack.local.rekognition.request import answer_shape
from tests.local.rekognition.conftest import PNG, Put


def test_an_enrolled_face_is_found_in_the_same_image_and_in_no_other(
    local_aws: LocalAws, put: Put, collection: str
) -> None:
    rekognition = local_aws.client("rekognition")
    rekognition.index_faces(CollectionId=collection, Image=put("alice.png", PNG + b"1"), ExternalImageId="alice")

    same = rekognition.search_faces_by_image(CollectionId=collection, Image=put("again.png", PNG + b"1"))
    other = rekognition.search_faces_by_image(CollectionId=collection, Image=put("other.png", PNG + b"2"))

    assert [match["Face"]["ExternalImageId"] for match in same["FaceMatches"]] == ["alice"]
    assert same["FaceMatches"][0]["Similarity"] == pytest.approx(99.9)
    assert other["FaceMatches"] == []


def test_indexing_an_image_again_under_its_name_makes_no_second_face(
    local_aws: LocalAws, put: Put, collection: str
) -> None:
    rekognition, image = local_aws.client("rekognition"), put("alice.png")

    ids = [
        rekognition.index_faces(CollectionId=collection, Image=image, ExternalImageId=name)["FaceRecords"][0]["Face"][
            "FaceId"
        ]
        for name in ("alice", "alice", "bob")
    ]

    assert ids[0] == ids[1] != ids[2]
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 2
    assert [
        match["Face"]["FaceId"]
        for match in rekognition.search_faces(CollectionId=collection, FaceId=ids[0])["FaceMatches"]
    ] == [ids[2]]


def test_an_image_without_a_face_is_indexed_empty_and_searched_in_vain(
    local_aws: LocalAws, put: Put, collection: str
) -> None:
    rekognition, image = local_aws.client("rekognition"), put("no-face.png")

    indexed = rekognition.index_faces(CollectionId=collection, Image=image)

    assert indexed["FaceRecords"] == []
    with pytest.raises(ClientError, match=r"InvalidParameterException.*There are no faces in the image"):
        rekognition.search_faces_by_image(CollectionId=collection, Image=image)


def test_faces_beyond_the_maximum_are_told_and_not_indexed(local_aws: LocalAws, put: Put, collection: str) -> None:
    answer = local_aws.client("rekognition").index_faces(
        CollectionId=collection, Image=put("two-faces.png"), MaxFaces=1
    )

    assert len(answer["FaceRecords"]) == 1
    assert [face["Reasons"] for face in answer["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]]


@pytest.mark.parametrize("name", ["alice smith", "a/b", "né", "x" * 256])
def test_a_name_that_aws_does_not_take_is_refused(local_aws: LocalAws, put: Put, collection: str, name: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*externalImageId"):
        local_aws.client("rekognition").index_faces(CollectionId=collection, Image=put("a.png"), ExternalImageId=name)


def test_faces_are_listed_in_pages_and_deleted(local_aws: LocalAws, put: Put, collection: str) -> None:
    rekognition = local_aws.client("rekognition")
    for number in range(5):
        image = put(f"{number}.png", PNG + bytes([number]))
        rekognition.index_faces(CollectionId=collection, Image=image, ExternalImageId=f"p{number}")

    first = rekognition.list_faces(CollectionId=collection, MaxResults=2)
    pages = rekognition.get_paginator("list_faces").paginate(CollectionId=collection, PaginationConfig={"PageSize": 2})
    ids = [face["FaceId"] for page in pages for face in page["Faces"]]
    gone = rekognition.delete_faces(CollectionId=collection, FaceIds=[ids[0], "11111111-1111-1111-1111-111111111111"])

    assert len(first["Faces"]) == 2
    assert len(set(ids)) == 5
    assert gone["DeletedFaces"] == [ids[0]]
    assert gone["UnsuccessfulFaceDeletions"][0]["Reasons"] == ["FACE_NOT_FOUND"]
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 4
    with pytest.raises(ClientError, match="InvalidPaginationTokenException"):
        rekognition.list_faces(CollectionId=collection, NextToken="forged")


def test_a_collection_is_made_once_and_gone_once(local_aws: LocalAws, collection: str) -> None:
    rekognition = local_aws.client("rekognition")

    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        rekognition.create_collection(CollectionId=collection)
    for call in (rekognition.describe_collection, rekognition.delete_collection, rekognition.list_faces):
        with pytest.raises(ClientError, match=r"ResourceNotFoundException.*does not exist"):
            call(CollectionId="no-such-collection")
    assert collection in rekognition.list_collections()["CollectionIds"]


def test_faces_are_alike_where_the_bytes_are(local_aws: LocalAws, put: Put) -> None:
    rekognition = local_aws.client("rekognition")
    one, same, other = put("1.png", PNG + b"1"), put("2.png", PNG + b"1"), put("3.png", PNG + b"3")

    alike = rekognition.compare_faces(SourceImage=one, TargetImage=same)
    unlike = rekognition.compare_faces(SourceImage=one, TargetImage=other)

    assert (len(alike["FaceMatches"]), len(alike["UnmatchedFaces"])) == (1, 0)
    assert (len(unlike["FaceMatches"]), len(unlike["UnmatchedFaces"])) == (0, 1)


def test_answers_about_faces_have_the_shapes_that_aws_documents() -> None:
    collections, picture, name = Collections("arn:aws:rekognition:r:1:"), Picture(PNG, "two-faces.png"), "c"
    created = collections.create({"CollectionId": name})
    indexed = collections.index(picture, {"CollectionId": name, "ExternalImageId": "a", "DetectionAttributes": ["ALL"]})
    face = indexed["FaceRecords"][0]["Face"]["FaceId"]

    answers = {
        "CreateCollection": created,
        "IndexFaces": indexed,
        "SearchFacesByImage": collections.search_by_image(picture, {"CollectionId": name}),
        "SearchFaces": collections.search({"CollectionId": name, "FaceId": face}),
        "ListFaces": collections.faces({"CollectionId": name, "MaxResults": 1}),
        "DeleteFaces": collections.forget({"CollectionId": name, "FaceIds": [face]}),
        "ListCollections": collections.list({}),
        "DeleteCollection": collections.delete({"CollectionId": name}),
    }

    for operation, answer in answers.items():
        shape = answer_shape(operation)
        assert ParamValidator().validate(answer, shape).generate_report() == "", operation
        assert answer.keys() <= shape.members.keys(), operation
