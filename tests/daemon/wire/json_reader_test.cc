// What JsonReader accepts, what it refuses, and in which words.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>

#include "daemon/wire/json_codec.h"
#include "google/protobuf/descriptor.pb.h"
#include "voxel/base/error.h"
#include "voxel/base/string_view.h"
#include "voxeld/v1/admin.pb.h"
#include "voxeld/v1/edit.pb.h"
#include "voxeld/v1/history.pb.h"
#include "voxeld/v1/layer.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {
namespace {

template <typename T>
T Accept(std::string_view json) {
  T message;
  const absl::Status status = JsonReader().Read(json, &message);
  EXPECT_TRUE(status.ok()) << json << "\n" << status;
  return message;
}

// "REASON field: message" of a refused text.
template <typename T>
std::string Refuse(std::string_view json) {
  T message;
  const absl::Status status = JsonReader().Read(json, &message);
  if (status.ok()) return "accepted";
  return voxel::ReasonOf(status) + " " + voxel::FieldOf(status) + ": " +
         std::string(voxel::ToStd(status.message()));
}

// Whether a text is refused as JSON, not for what it says.
template <typename T>
bool IsMalformed(std::string_view json) {
  return Refuse<T>(json).starts_with("MALFORMED_MESSAGE ");
}

TEST(JsonReaderTest, ReadsARealRequest) {
  const auto request = Accept<v1::ApplyEditsRequest>(
      R"({"project":"castle","edits":[{"layer":"walls","mode":"MODE_OVER",
          "box":{"box":{"min":[-1,0,2],"max":[3,4,5]},"color":"#c33","wall":1}},
          {"set":{"xyz":[1,2,3],"rgba":[4278190335]}}],"write":{"request_id":"a1"}})");
  ASSERT_EQ(request.edits_size(), 2);
  EXPECT_EQ(request.project(), "castle");
  EXPECT_EQ(request.edits(0).mode(), v1::MODE_OVER);
  EXPECT_EQ(request.edits(0).box().box().min(0), -1);
  EXPECT_EQ(request.edits(0).box().wall(), 1u);
  EXPECT_EQ(request.edits(1).set().rgba(0), 0xFF0000FFu);
  EXPECT_EQ(request.write().request_id(), "a1");
}

TEST(JsonReaderTest, ReadsBothSpellingsOfNames) {
  EXPECT_EQ(Accept<v1::Write>(R"({"expected_revision":7})").expected_revision(), 7);
  EXPECT_EQ(Accept<v1::Write>(R"({"expectedRevision":7})").expected_revision(), 7);
  EXPECT_EQ(Accept<v1::Write>(R"({"expected\u005frevision":7})").expected_revision(), 7);
}

TEST(JsonReaderTest, NullIsAsGoodAsAbsent) {
  const auto edit = Accept<v1::Edit>(R"({"layer":null,"set":null,"clip":null,"box":{"wall":2}})");
  EXPECT_FALSE(edit.has_clip());
  EXPECT_EQ(edit.box().wall(), 2u);
  EXPECT_FALSE(Accept<v1::UpdateProjectRequest>(R"({"title":null})").has_title());
}

TEST(JsonReaderTest, AnOptionalFieldGivenItsDefaultIsPresent) {
  EXPECT_TRUE(Accept<v1::UpdateProjectRequest>(R"({"title":""})").has_title());
  EXPECT_FALSE(Accept<v1::UpdateProjectRequest>("{}").has_title());
}

TEST(JsonReaderTest, ClearsWhatWasInTheMessage) {
  v1::Write write;
  write.set_comment("old");
  EXPECT_TRUE(JsonReader().Read(" { } ", &write).ok());
  EXPECT_EQ(write.comment(), "");
}

TEST(JsonReaderTest, OneReaderReadsManyTextsOfManyTypes) {
  JsonReader reader;
  v1::Write write;
  v1::Edit edit;
  const std::string long_comment(600'000, 'x');
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(reader.Read("{", &edit).ok());
    EXPECT_TRUE(reader.Read(R"({"comment":")" + long_comment + "\"}", &write).ok());
    EXPECT_EQ(write.comment(), long_comment);
    EXPECT_FALSE(reader.Read("", &edit).ok());
    EXPECT_TRUE(reader.Read(R"({"layer":"a"})", &edit).ok());
    EXPECT_EQ(edit.layer(), "a");
  }
}

TEST(JsonReaderTest, GivesTheMemoryOfLargeTextsBack) {
  constexpr size_t kMebibyte = 1024 * 1024;
  const std::string large = R"({"comment":")" + std::string(8 * kMebibyte, 'x') + "\"}";
  const auto used = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  JsonReader reader;
  v1::FillBox other;  // refuses the text, so that only the reader holds memory
  const size_t before = used();
  EXPECT_FALSE(reader.Read(large, &other).ok());
  EXPECT_LT(used(), before + kMebibyte);
}

TEST(JsonReaderTest, ReadsIntegersAsNumbersOrStrings) {
  EXPECT_EQ(Accept<v1::Write>(R"({"expected_revision":"9007199254740993"})").expected_revision(),
            9007199254740993);
  EXPECT_EQ(Accept<v1::Write>(R"({"expected_revision":9007199254740993})").expected_revision(),
            9007199254740993);
  EXPECT_EQ(Accept<v1::FillBox>(R"({"wall":3.0})").wall(), 3u);
  EXPECT_EQ(Accept<v1::FillBox>(R"({"wall":3e0})").wall(), 3u);
  EXPECT_EQ(Accept<v1::FillBox>(R"({"wall":"3"})").wall(), 3u);
  const auto set = Accept<v1::SetVoxels>(R"({"xyz":[1,-2,"3",4.0,5e1,-0],"rgba":[4294967295]})");
  EXPECT_EQ(std::vector<int>(set.xyz().begin(), set.xyz().end()),
            (std::vector<int>{1, -2, 3, 4, 50, 0}));
  EXPECT_EQ(set.rgba(0), 0xFFFFFFFFu);
}

TEST(JsonReaderTest, NeverRoundsOrWrapsIntegers) {
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":1.5})"),
            "INVALID_FIELD wall: wall: 1.5 is not an integer in [0, 4294967295]");
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":-1})"),
            "INVALID_FIELD wall: wall: -1 is not an integer in [0, 4294967295]");
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":4294967296})"),
            "INVALID_FIELD wall: wall: 4294967296 is not an integer in [0, 4294967295]");
  EXPECT_EQ(Refuse<v1::Edit>(R"({"box":{"box":{"min":[0,0,2147483648]}}})"),
            "INVALID_FIELD box.box.min[2]: box.box.min[2]: 2147483648 is not an integer in "
            "[-2147483648, 2147483647]");
  EXPECT_EQ(Refuse<v1::Write>(R"({"expected_revision":9223372036854775808})"),
            "INVALID_FIELD expected_revision: expected_revision: 9223372036854775808 is not an "
            "integer in [-9223372036854775808, 9223372036854775807]");
  EXPECT_EQ(Refuse<v1::Write>(R"({"expected_revision":1e400})"),
            "INVALID_FIELD expected_revision: expected_revision: 1e400 is not an integer in "
            "[-9223372036854775808, 9223372036854775807]");
}

TEST(JsonReaderTest, NamesThePlaceTheValueAndWhatIsAccepted) {
  EXPECT_EQ(Refuse<v1::ApplyEditsRequest>(
                R"({"edits":[{"clear":{}},{"box":{"box":{"min":[0,1,"x"]}}}]})"),
            "INVALID_FIELD edits[1].box.box.min[2]: edits[1].box.box.min[2]: \"x\" is not an "
            "integer in [-2147483648, 2147483647]");
  EXPECT_EQ(Refuse<v1::ApplyEditsRequest>(R"({"edits":{}})"),
            "INVALID_FIELD edits: edits: an object is not an array");
  EXPECT_EQ(Refuse<v1::ApplyEditsRequest>(R"({"edits":[{"clip":1}]})"),
            "INVALID_FIELD edits[0].clip: edits[0].clip: 1 is not an object with the fields of "
            "Box: min, max");
  EXPECT_EQ(Refuse<v1::Write>(R"({"validate_only":"true"})"),
            "INVALID_FIELD validate_only: validate_only: \"true\" is not true or false");
  EXPECT_EQ(Refuse<v1::Write>(R"({"comment":7})"),
            "INVALID_FIELD comment: comment: 7 is not a string");
  EXPECT_EQ(Refuse<v1::Write>(R"({"comment":["a"]})"),
            "INVALID_FIELD comment: comment: an array is not a string");
  EXPECT_EQ(Refuse<v1::SetVoxels>(R"({"xyz":[1,null]})"),
            "INVALID_FIELD xyz[1]: xyz[1]: null is not an integer in [-2147483648, 2147483647]");
  EXPECT_EQ(Refuse<v1::SetVoxels>(R"({"xyz":[[1,2,3]]})"),
            "INVALID_FIELD xyz[0]: xyz[0]: an array is not an integer in [-2147483648, "
            "2147483647]");
}

TEST(JsonReaderTest, ShortensLongValuesBetweenCharacters) {
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":"0123456789012345678901234567890123456789"})"),
            "INVALID_FIELD wall: wall: \"012345678901234567890123456789012345678... is not an "
            "integer in [0, 4294967295]");
  const std::string text = Refuse<v1::FillBox>("{\"wall\":\"" + std::string(38, 'x') + "\u20ac\"}");
  EXPECT_NE(text.find("xx... is not"), std::string::npos) << text;
}

TEST(JsonReaderTest, RefusesUnknownFieldsAndSaysWhatThereIs) {
  EXPECT_EQ(Refuse<v1::ApplyEditsRequest>(R"({"edits":[{"box":{"colour":"#c33"}}]})"),
            "UNKNOWN_FIELD edits[0].box.colour: unknown field \"edits[0].box.colour\"; did you "
            "mean \"color\"? FillBox has: box, color, wall");
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"Wall":1})"),
            "UNKNOWN_FIELD Wall: unknown field \"Wall\"; did you mean \"wall\"? FillBox has: box, "
            "color, wall");
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"thickness":1})"),
            "UNKNOWN_FIELD thickness: unknown field \"thickness\"; FillBox has: box, color, wall");
  EXPECT_EQ(Refuse<v1::InfoRequest>(R"({"x":1})"),
            "UNKNOWN_FIELD x: unknown field \"x\"; InfoRequest has no fields");
}

TEST(JsonReaderTest, RefusesAFieldGivenTwice) {
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":1,"color":"a","wall":1})"),
            "INVALID_FIELD wall: \"wall\" is given twice");
  EXPECT_EQ(Refuse<v1::Write>(R"({"request_id":"a","requestId":"a"})"),
            "INVALID_FIELD request_id: \"request_id\" is given twice");
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":null,"wall":1})"),
            "INVALID_FIELD wall: \"wall\" is given twice");
}

TEST(JsonReaderTest, RefusesTwoMembersOfAOneof) {
  EXPECT_EQ(Refuse<v1::Edit>(R"({"box":{},"clear":{}})"),
            "INVALID_FIELD clear: \"clear\" cannot stand beside \"box\": only one of them may be "
            "given");
}

TEST(JsonReaderTest, ReadsEnumsByNameShortNameAndNumber) {
  for (const char* mode :
       {"\"MODE_SUB_CLAMP\"", "\"mode_sub_clamp\"", "\"SUB_CLAMP\"", "\"sub_clamp\"", "3", "3.0"}) {
    EXPECT_EQ(Accept<v1::Edit>(std::string(R"({"mode":)") + mode + "}").mode(), v1::MODE_SUB_CLAMP)
        << mode;
  }
  EXPECT_EQ(Accept<v1::Cylinder>(R"({"axis":"x"})").axis(), v1::AXIS_X);
  EXPECT_EQ(Accept<v1::UndoRequest>(R"({"scope":"actor"})").scope(), v1::UNDO_SCOPE_ACTOR);
  EXPECT_EQ(Accept<v1::ReadRegionRequest>(R"({"accept":["raw","PALETTE"]})").accept(1),
            v1::ENCODING_PALETTE);
}

TEST(JsonReaderTest, RefusesOtherEnumsWithTheList) {
  const std::string accepted = " is not one of AXIS_UNSPECIFIED, AXIS_X, AXIS_Y, AXIS_Z";
  EXPECT_EQ(Refuse<v1::Cylinder>(R"({"axis":"w"})"), "INVALID_FIELD axis: axis: \"w\"" + accepted);
  EXPECT_EQ(Refuse<v1::Cylinder>(R"({"axis":""})"), "INVALID_FIELD axis: axis: \"\"" + accepted);
  EXPECT_EQ(Refuse<v1::Cylinder>(R"({"axis":4})"), "INVALID_FIELD axis: axis: 4" + accepted);
  EXPECT_EQ(Refuse<v1::Cylinder>(R"({"axis":-1})"), "INVALID_FIELD axis: axis: -1" + accepted);
  EXPECT_EQ(Refuse<v1::Cylinder>(R"({"axis":true})"), "INVALID_FIELD axis: axis: true" + accepted);
}

TEST(JsonReaderTest, ReadsDoublesAndTheirSpecialNames) {
  const auto ray = Accept<v1::RaycastRequest>(
      R"({"origin":[0.5,-1e3,"2.5"],"direction":["NaN","Infinity","-Infinity"],"max_distance":7})");
  EXPECT_EQ(ray.origin(1), -1000.0);
  EXPECT_EQ(ray.origin(2), 2.5);
  EXPECT_TRUE(std::isnan(ray.direction(0)));
  EXPECT_EQ(ray.direction(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ray.direction(2), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(ray.max_distance(), 7.0);
  EXPECT_EQ(Accept<v1::Layer>(R"({"opacity":0.1})").opacity(), 0.1f);
}

TEST(JsonReaderTest, RefusesDoublesThatAreNotFinite) {
  EXPECT_EQ(Refuse<v1::RaycastRequest>(R"({"max_distance":1e999})"),
            "INVALID_FIELD max_distance: max_distance: 1e999 is not a finite number");
  EXPECT_EQ(Refuse<v1::Layer>(R"({"opacity":1e39})"),
            "INVALID_FIELD opacity: opacity: 1e39 is not a number that fits in a float");
  EXPECT_EQ(Refuse<v1::RaycastRequest>(R"({"max_distance":"inf"})"),
            "INVALID_FIELD max_distance: max_distance: \"inf\" is not a finite number");
  EXPECT_TRUE(IsMalformed<v1::RaycastRequest>(R"({"max_distance":NaN})"));
}

TEST(JsonReaderTest, ReadsBytesInBothAlphabets) {
  EXPECT_EQ(Accept<v1::PingRequest>(R"({"payload":"+/+/"})").payload(), "\xFB\xFF\xBF");
  EXPECT_EQ(Accept<v1::PingRequest>(R"({"payload":"-_-_"})").payload(), "\xFB\xFF\xBF");
  EXPECT_EQ(Accept<v1::PingRequest>(R"({"payload":"\u005ag=="})").payload(), "f");
  EXPECT_EQ(Refuse<v1::PingRequest>(R"({"payload":"Zg="})"),
            "INVALID_FIELD payload: payload: \"Zg=\" is not base64, in a string");
  EXPECT_EQ(Refuse<v1::PingRequest>(R"({"payload":[1]})"),
            "INVALID_FIELD payload: payload: an array is not base64, in a string");
}

TEST(JsonReaderTest, ReadsMaps) {
  const auto request =
      Accept<v1::CreateProjectRequest>(R"({"labels":{"b":"2","a":"\u0031","":""}})");
  EXPECT_EQ(request.labels().size(), 3u);
  EXPECT_EQ(request.labels().at("a"), "1");
  EXPECT_EQ(Accept<v1::InfoResponse>(R"({"limits":{"max-batch":"1024"}})").limits().at("max-batch"),
            1024);
}

TEST(JsonReaderTest, RefusesBadMapsByKey) {
  EXPECT_EQ(Refuse<v1::CreateProjectRequest>(R"({"labels":{"a":1}})"),
            "INVALID_FIELD labels[\"a\"]: labels[\"a\"]: 1 is not a string");
  EXPECT_EQ(Refuse<v1::CreateProjectRequest>(R"({"labels":{"a":null}})"),
            "INVALID_FIELD labels[\"a\"]: labels[\"a\"]: null is not a string");
  EXPECT_EQ(Refuse<v1::CreateProjectRequest>(R"({"labels":{"a":"1","\u0061":"1"}})"),
            "INVALID_FIELD labels[\"a\"]: labels[\"a\"]: the key is given twice");
  EXPECT_EQ(Refuse<v1::CreateProjectRequest>(R"({"labels":[]})"),
            "INVALID_FIELD labels: labels: an array is not an object of keys and values");
}

TEST(JsonReaderTest, ReadsTimes) {
  const auto project = Accept<v1::Project>(R"({"created":"2026-11-20T16:05:09.25Z"})");
  EXPECT_EQ(project.created().seconds(), 1795190709);
  EXPECT_EQ(project.created().nanos(), 250'000'000);
  EXPECT_EQ(Refuse<v1::Project>(R"({"created":"yesterday"})"),
            "INVALID_FIELD created: created: \"yesterday\" is not a time such as "
            "\"2026-01-31T12:00:00Z\"");
  EXPECT_EQ(Refuse<v1::Project>(R"({"created":{"seconds":1}})"),
            "INVALID_FIELD created: created: an object is not a time such as "
            "\"2026-01-31T12:00:00Z\"");
}

TEST(JsonReaderTest, RefusesTextThatIsNotAnObject) {
  EXPECT_EQ(Refuse<v1::FillBox>("[1]"),
            "INVALID_FIELD : an array is not an object with the fields of FillBox: box, color, "
            "wall");
  EXPECT_EQ(Refuse<v1::FillBox>("null"),
            "INVALID_FIELD : null is not an object with the fields of FillBox: box, color, wall");
  EXPECT_EQ(Refuse<v1::FillBox>("\"a\""),
            "INVALID_FIELD : \"a\" is not an object with the fields of FillBox: box, color, wall");
}

TEST(JsonReaderTest, SaysWhereTextStopsBeingJson) {
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall":tru})"),
            "MALFORMED_MESSAGE wall: not valid JSON: at byte 8, \"tru\" is no value");
  EXPECT_EQ(Refuse<v1::FillBox>(""), "MALFORMED_MESSAGE : not valid JSON: it is empty");
  EXPECT_EQ(Refuse<v1::FillBox>(R"({"wall)"),
            "MALFORMED_MESSAGE : not valid JSON: a string is not closed");
  EXPECT_EQ(Refuse<v1::FillBox>("{\"color\":\"a\nb\"}"),
            "MALFORMED_MESSAGE : not valid JSON: a string holds a control character that is not "
            "escaped");
  EXPECT_EQ(Refuse<v1::FillBox>("{\"color\":\"\xFF\"}"),
            "MALFORMED_MESSAGE : not valid JSON: it is not valid UTF-8");
  EXPECT_EQ(Refuse<v1::FillBox>("{} x"),
            "MALFORMED_MESSAGE : not valid JSON: an array or object is not closed");
}

TEST(JsonReaderTest, RefusesEveryKindOfBrokenJson) {
  for (const char* json : {"{",
                           "}",
                           "{]",
                           "{\"wall\"}",
                           "{\"wall\":}",
                           "{\"wall\":1,}",
                           "{,\"wall\":1}",
                           "{wall:1}",
                           "{'wall':1}",
                           "{\"wall\":01}",
                           "{\"wall\":1.}",
                           "{\"wall\":.5}",
                           "{\"wall\":+1}",
                           "{\"wall\":0x1}",
                           "{\"wall\":1 2}",
                           "{\"wall\":1 \"color\":\"\"}",
                           "{\"wall\":1}}",
                           "{\"wall\":1}{}",
                           "{\"wall\":1} 1",
                           "{\"wall\":1},",
                           "{\"wall\":-}",
                           "{\"wall\":1e}",
                           "{\"wall\":nul}",
                           "{\"wall\":nulls}",
                           "{\"wall\":truex}",
                           "{\"wall\" 1}",
                           "{\"wall\"::1}",
                           "{\"box\":{\"min\":[1,]}}",
                           "{\"box\":{\"min\":[,1]}}",
                           "{\"box\":{\"min\":[1 2]}}",
                           "{\"box\":{\"min\":[1}}",
                           "{\"box\":{\"min\":[1]]}",
                           "{\"box\":{\"min\":[1]}",
                           "{\"color\":\"\\x\"}",
                           "{\"color\":\"\\u12\"}",
                           "{\"color\":\"\\ud800\"}",
                           "{\"color\":\"\\udc00\"}",
                           "{\"color\":\"\\ud800\\ud800\"}",
                           "{\"c\\olor\":\"\"}",
                           "/**/{}",
                           "{}//",
                           "\xEF\xBB\xBF{}",
                           " "}) {
    EXPECT_TRUE(IsMalformed<v1::FillBox>(json)) << json << "\n" << Refuse<v1::FillBox>(json);
  }
}

TEST(JsonReaderTest, EveryPrefixOfARequestIsRefused) {
  const std::string json =
      R"({"project":"a","edits":[{"mode":"over","set":{"xyz":[1,2],"xyz_le":"AA=="}},)"
      R"({"clear":{}}],"write":{"unchanged":{"since_revision":"12"},"validate_only":true}})";
  Accept<v1::ApplyEditsRequest>(json);
  for (size_t length = 0; length < json.size(); ++length) {
    EXPECT_TRUE(IsMalformed<v1::ApplyEditsRequest>(json.substr(0, length))) << length;
  }
}

TEST(JsonReaderTest, ReadsEscapesInStrings) {
  EXPECT_EQ(Accept<v1::Write>(R"({"comment":"\"\\\/\b\f\n\r\t\u00e9\ud83c\udff0"})").comment(),
            "\"\\/\b\f\n\r\t\u00e9\U0001F3F0");
  EXPECT_EQ(Accept<v1::Write>(R"({"comment":"a\u0000b"})").comment(), std::string("a\0b", 3));
}

TEST(JsonReaderTest, NeedsNoBytesBehindTheText) {
  // In a heap block of its exact size, so that ASan sees a read past the end.
  const std::string_view text = R"({"xyz":[1,2,3]})";
  const std::vector<char> exact(text.begin(), text.end());
  v1::SetVoxels set;
  EXPECT_TRUE(JsonReader().Read({exact.data(), exact.size()}, &set).ok());
  EXPECT_EQ(set.xyz_size(), 3);
}

TEST(JsonReaderTest, RefusesDeepNestingAtOnce) {
  const std::string arrays(10'000, '[');
  EXPECT_EQ(Refuse<v1::SetVoxels>("{\"xyz\":" + arrays + std::string(10'000, ']') + "}"),
            "INVALID_FIELD xyz[0]: xyz[0]: an array is not an integer in [-2147483648, "
            "2147483647]");
  EXPECT_NE(Refuse<v1::SetVoxels>(arrays), "accepted");
  // The API has no types that hold themselves; descriptors do.
  std::string nested;
  for (int i = 0; i < 65; ++i) nested += "{\"nested_type\":[";
  for (int i = 0; i < 65; ++i) nested += "]}";
  EXPECT_NE(Refuse<google::protobuf::DescriptorProto>(nested).find("deeper than 64"),
            std::string::npos);
}

TEST(JsonReaderTest, ReadsAHundredThousandNumbers) {
  std::string json = "{\"xyz\":[0";
  for (int i = 1; i < 99'999; ++i) json += "," + std::to_string(i * 17 - 800'000);
  json += "]}";
  const auto set = Accept<v1::SetVoxels>(json);
  ASSERT_EQ(set.xyz_size(), 99'999);
  EXPECT_EQ(set.xyz(99'998), 99'998 * 17 - 800'000);
}

}  // namespace
}  // namespace voxeld
