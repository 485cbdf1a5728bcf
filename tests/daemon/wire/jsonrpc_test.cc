#include "daemon/wire/jsonrpc.h"

#include <gtest/gtest.h>

#include "voxel/base/error.h"
#include "voxel/base/string_view.h"

namespace voxeld {
namespace {

constexpr int kMaxBatch = 4;

class JsonRpcTest : public testing::Test {
 protected:
  const JsonRpcLine& Parse(std::string text) {
    // In a block of its exact size, so that ASan sees a read past the end.
    line_.assign(text.begin(), text.end());
    parser_.Parse({line_.data(), line_.size()}, &parsed_);
    return parsed_;
  }
  // The only call of a line.
  const JsonRpcCall& One(std::string text) {
    Parse(std::move(text));
    EXPECT_FALSE(parsed_.batch);
    EXPECT_EQ(parsed_.calls.size(), 1u);
    return parsed_.calls.at(0);
  }
  // "id code REASON field: message" of an invalid call.
  static std::string Describe(const JsonRpcCall& call) {
    if (call.error.ok()) return "accepted";
    return std::string(call.id) + " " + std::to_string(call.error_code) + " " +
           voxel::ReasonOf(call.error) + " " + voxel::FieldOf(call.error) + ": " +
           std::string(voxel::ToStd(call.error.message()));
  }
  std::string Refused(std::string text) { return Describe(One(std::move(text))); }

  JsonRpcParser parser_{kMaxBatch};
  std::vector<char> line_;
  JsonRpcLine parsed_;
};

TEST_F(JsonRpcTest, TakesARequestApart) {
  const JsonRpcCall& call =
      One(R"( {"jsonrpc":"2.0","id":7,"method":"voxel.set","params": {"a":[1,{"b":"}"}]} )"
          R"(,"deadline_ms":500,"progress":true} )");
  EXPECT_TRUE(call.error.ok()) << call.error;
  EXPECT_EQ(call.id, "7");
  EXPECT_EQ(call.method, "voxel.set");
  EXPECT_EQ(call.params, R"({"a":[1,{"b":"}"}]})");
  EXPECT_EQ(call.deadline_ms, 500);
  EXPECT_TRUE(call.progress);
}

TEST_F(JsonRpcTest, LeavesOutWhatIsNotThere) {
  const JsonRpcCall& call = One(R"({"method":"a","jsonrpc":"2.0"})");
  EXPECT_TRUE(call.error.ok()) << call.error;
  EXPECT_EQ(call.id, "");  // a notification
  EXPECT_EQ(call.params, "");
  EXPECT_EQ(call.deadline_ms, 0);
  EXPECT_FALSE(call.progress);
}

TEST_F(JsonRpcTest, ViewsPointIntoTheLine) {
  const JsonRpcCall& call = One(R"({"jsonrpc":"2.0","id":"x","method":"m","params":[1]})");
  for (const std::string_view view : {call.id, call.method, call.params}) {
    EXPECT_GE(view.data(), line_.data());
    EXPECT_LE(view.data() + view.size(), line_.data() + line_.size());
  }
}

TEST_F(JsonRpcTest, KeepsIdsByteForByte) {
  for (const char* id : {"0", "-1", "1.50", "1e3", "12345678901234567890123", "\"\"", "\"a b\"",
                         "\"\\u0061\\n\"", "\"\u20ac\"", "null"}) {
    const JsonRpcCall& call =
        One(std::string(R"({"jsonrpc":"2.0","method":"m","id": )") + id + " }");
    EXPECT_TRUE(call.error.ok()) << id << call.error;
    EXPECT_EQ(call.id, id);
  }
}

TEST_F(JsonRpcTest, RefusesOtherIds) {
  for (const char* id : {"true", "{}", "[1]", "{\"a\":1}"}) {
    const std::string text =
        Refused(std::string(R"({"jsonrpc":"2.0","method":"m","id":)") + id + "}");
    EXPECT_TRUE(text.starts_with("null -32600 INVALID_FIELD id: id: ")) << text;
  }
}

TEST_F(JsonRpcTest, UnescapesMethods) {
  EXPECT_EQ(One(R"({"jsonrpc":"2.0","method":"voxel\u002eset"})").method, "voxel.set");
}

TEST_F(JsonRpcTest, InvalidRequestsKeepTheirId) {
  EXPECT_EQ(Refused(R"({"id":7,"method":"m"})"),
            "7 -32600 MISSING_FIELD jsonrpc: \"jsonrpc\": \"2.0\" is missing");
  EXPECT_EQ(Refused(R"({"id":7,"jsonrpc":"1.0","method":"m"})"),
            "7 -32600 INVALID_FIELD jsonrpc: jsonrpc: \"1.0\" is not \"2.0\"");
  EXPECT_EQ(Refused(R"({"id":7,"jsonrpc":2.0,"method":"m"})"),
            "7 -32600 INVALID_FIELD jsonrpc: jsonrpc: 2.0 is not \"2.0\"");
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","id":"a"})"),
            "\"a\" -32600 MISSING_FIELD method: \"method\" is missing");
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","method":1,"id":2})"),
            "2 -32600 INVALID_FIELD method: method: 1 is not a string");
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","method":"m","params":"bar","id":3})"),
            "3 -32600 INVALID_FIELD params: params: \"bar\" is not an object or array");
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","method":"m","params":null,"id":3})"),
            "3 -32600 INVALID_FIELD params: params: null is not an object or array");
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","method":"m","parms":[],"id":4})"),
            "4 -32600 UNKNOWN_FIELD parms: unknown member \"parms\"; a request has jsonrpc, id, "
            "method, params, deadline_ms, progress");
}

TEST_F(JsonRpcTest, InvalidRequestsWithoutAnIdAreAnsweredToo) {
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","method":1,"params":"bar"})"),
            "null -32600 INVALID_FIELD method: method: 1 is not a string");
}

TEST_F(JsonRpcTest, RefusesMembersGivenTwice) {
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","id":1,"method":"m","method":"n"})"),
            "1 -32600 INVALID_FIELD method: \"method\" is given twice");
  // Which id was meant cannot be known.
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","id":1,"method":"m","id":1})"),
            "null -32600 INVALID_FIELD id: \"id\" is given twice");
}

TEST_F(JsonRpcTest, BoundsTheDeadline) {
  EXPECT_EQ(One(R"({"jsonrpc":"2.0","method":"m","deadline_ms":1})").deadline_ms, 1);
  for (const char* ms : {"0", "-5", "1.5", "2147483648", "\"500\"", "true", "null"}) {
    const std::string text =
        Refused(std::string(R"({"jsonrpc":"2.0","id":1,"method":"m","deadline_ms":)") + ms + "}");
    EXPECT_EQ(text, "1 -32600 INVALID_FIELD deadline_ms: deadline_ms: " + std::string(ms) +
                        " is not an integer in [1, 2147483647]");
  }
}

TEST_F(JsonRpcTest, ProgressIsTrueOrFalse) {
  EXPECT_FALSE(One(R"({"jsonrpc":"2.0","method":"m","progress":false})").progress);
  EXPECT_EQ(Refused(R"({"jsonrpc":"2.0","id":1,"method":"m","progress":1})"),
            "1 -32600 INVALID_FIELD progress: progress: 1 is not true or false");
}

TEST_F(JsonRpcTest, ValuesThatAreNoObjectAreNoRequest) {
  EXPECT_EQ(Refused("7"), "null -32600 INVALID_FIELD : 7 is not a request object");
  EXPECT_EQ(Refused("\"a\""), "null -32600 INVALID_FIELD : \"a\" is not a request object");
  EXPECT_EQ(Refused("null"), "null -32600 INVALID_FIELD : null is not a request object");
}

TEST_F(JsonRpcTest, TextThatIsNotJsonIsAParseError) {
  for (const char* text : {"foobar",
                           "{",
                           "}",
                           "[",
                           "1 2",
                           "\"a\" \"b\"",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\"",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}}",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}x",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\",}",
                           "{\"jsonrpc\":\"2.0\" \"method\":\"m\"}",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":01}",
                           "{\"jsonrpc\":\"2.0\",\"id\":tru}",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":\"\\x\"}",
                           "{'jsonrpc':'2.0'}",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":[1}",
                           "\xFF",
                           "{\"a\":\"\xFF\"}",
                           "{\"jsonrpc\":\"2.0\",\"method\":\"\\ud800\"}",
                           "GET / HTTP/1.1"}) {
    const std::string refused = Refused(text);
    EXPECT_TRUE(refused.starts_with("null -32700 MALFORMED_MESSAGE : not valid JSON: "))
        << text << "\n"
        << refused;
  }
}

TEST_F(JsonRpcTest, ParamsAreCheckedWithTheLine) {
  for (const char* params : {"{u}", "[1}", "[nul]", "{\"a\":[1,]}", "{\"a\"}", "[\"\\x\"]"}) {
    const std::string text =
        Refused(std::string(R"({"jsonrpc":"2.0","id":1,"method":"m","params":)") + params + "}");
    EXPECT_TRUE(text.starts_with("null -32700 MALFORMED_MESSAGE")) << params << text;
  }
  // Brackets that are missing at the end must not be made up for by those of the params.
  EXPECT_EQ(One(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{u})").error_code, -32700);
}

TEST_F(JsonRpcTest, AZeroByteIsNotTheEnd) {
  EXPECT_EQ(One(std::string(R"({"jsonrpc":"2.0","method":"m"})") + '\0').error_code, -32700);
}

TEST_F(JsonRpcTest, EveryPrefixOfARequestIsAParseError) {
  const std::string text =
      R"({"jsonrpc":"2.0","id":"a","method":"m","params":{"x":[1,"2",{}]},"deadline_ms":5})";
  EXPECT_EQ(Describe(One(text)), "accepted");
  for (size_t length = 1; length < text.size(); ++length) {
    EXPECT_EQ(One(text.substr(0, length)).error_code, -32700) << length;
  }
}

TEST_F(JsonRpcTest, ABatchKeepsItsOrderAndItsBadEntries) {
  const JsonRpcLine& line =
      Parse(R"([{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"b"},1,[{}]])");
  EXPECT_TRUE(line.batch);
  ASSERT_EQ(line.calls.size(), 4u);
  EXPECT_EQ(line.calls[0].method, "a");
  EXPECT_EQ(line.calls[1].method, "b");
  EXPECT_EQ(line.calls[1].id, "");
  EXPECT_EQ(Describe(line.calls[2]), "null -32600 INVALID_FIELD : 1 is not a request object");
  EXPECT_EQ(Describe(line.calls[3]),
            "null -32600 INVALID_FIELD : an array is not a request object");
}

TEST_F(JsonRpcTest, AnEmptyBatchIsOneInvalidRequest) {
  EXPECT_EQ(Refused("[]"), "null -32600 INVALID_FIELD : the batch is empty");
}

TEST_F(JsonRpcTest, ABrokenBatchIsOneParseError) {
  const std::string refused =
      Refused(R"([{"jsonrpc":"2.0","method":"sum","id":"1"},{"jsonrpc":"2.0","method"])");
  EXPECT_TRUE(refused.starts_with("null -32700 MALFORMED_MESSAGE")) << refused;
}

TEST_F(JsonRpcTest, ABatchOverTheLimitRunsNothing) {
  const std::string call = R"({"jsonrpc":"2.0","id":1,"method":"a"})";
  EXPECT_EQ(Parse("[" + call + "," + call + "," + call + "," + call + "]").calls.size(), 4u);
  EXPECT_EQ(Refused("[" + call + "," + call + "," + call + "," + call + "," + call + "]"),
            "null -32008 LIMIT_BATCH : the batch has more than 4 entries");
}

TEST_F(JsonRpcTest, RefusesDeepNestingAtOnce) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  const std::string refused =
      "null -32700 MALFORMED_MESSAGE : not valid JSON: it is nested deeper than 512";
  EXPECT_EQ(Refused(nested(10'000)), refused);
  EXPECT_EQ(Refused(std::string(1'000'000, '[')), refused);
  const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"m","params":)";
  EXPECT_EQ(Refused(request + nested(10'000) + "}"), refused);
  EXPECT_EQ(Refused(request + nested(512) + "}"), "accepted");
}

TEST_F(JsonRpcTest, WritesReplies) {
  std::string out;
  AppendResult("7", R"({"a":1})", &out);
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})");
  out.clear();
  AppendNotification("rpc.item", R"({"subscription":1})", &out);
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","method":"rpc.item","params":{"subscription":1}})");
}

TEST_F(JsonRpcTest, ErrorsCarryTheirMachineReadableSide) {
  absl::Status status = voxel::Error(voxel::Reason::INVALID_FIELD, "say \"a\"", "edits[0].mode");
  voxel::SetFact(status, "key", "value");
  std::string out;
  AppendError("\"x\"", -32602, status, &out);
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"say \"a\"","data":)"
                 R"({"reason":"INVALID_FIELD","domain":"voxeld","metadata":{"key":"value"},)"
                 R"("field":"edits[0].mode","grpc_code":"INVALID_ARGUMENT"}}})");
}

}  // namespace
}  // namespace voxeld
