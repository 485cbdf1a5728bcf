#include "clients/cli/method_commands.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <utility>

#include "clients/cli/fields.h"
#include "clients/cli/files.h"

namespace voxctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What the flags of one method gather.
struct Gathered {
  std::map<std::string, std::string> fields;  // path in the request -> text, of those given
  std::string json;                           // --json
  std::string data_file;                      // --data-file, for methods that take a file
};

bool IsOwnMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
         field->message_type()->name() != "Box" &&
         field->message_type()->file()->package() == "voxeld.v1";
}

// A flag for each field, and for the fields of messages one level down ("--write.comment").
void AddFlags(CLI::App* command, const Descriptor* type, const std::string& prefix,
              Gathered* gathered) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const std::string path = prefix + field->name();
    command
        ->add_option_function<std::string>(
            "--" + path,
            [gathered, path](const std::string& text) { gathered->fields[path] = text; },
            voxapi::CommentOf(field))
        ->type_name(FieldForm(field));
    if (prefix.empty() && IsOwnMessage(field))
      AddFlags(command, field->message_type(), path + ".", gathered);
  }
}

std::string ReadAll(const std::string& json) {
  if (json != "-") return json;
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

// --json, with the flags on top. Throws std::invalid_argument.
Json BuildRequest(const Descriptor* type, const Gathered& gathered) {
  Json request = Json::object();
  if (!gathered.json.empty()) {
    const std::string text = ReadAll(gathered.json);
    request = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!request.is_object() && !request.is_array())
      throw std::invalid_argument("--json is '" + text.substr(0, 80) +
                                  "'; it takes a JSON object, or an array of parts");
  }
  for (const auto& [path, text] : gathered.fields) SetField(type, path, text, &request);
  return request;
}

// A client stream: --json takes a list of parts; or the header's flags and --data-file.
int RunUpload(Session& session, const voxapi::ApiMethod& method, const Gathered& gathered,
              const Json& request) {
  if (!gathered.data_file.empty()) {
    return SendFile(session, method.name.c_str(), request.value("header", Json::object()),
                    gathered.data_file);
  }
  const Json parts = request.is_array() ? request : Json::array({request});
  size_t sent = 0;
  return session.Upload(
      method.name,
      [&](Json* part) {
        if (sent == parts.size()) return false;
        *part = parts[sent++];
        if (sent == parts.size()) (*part)["last_part"] = true;
        return true;
      },
      [&](const Message& response) {
        Print(session.format(), response);
        return true;
      });
}

int RunMethod(Session& session, const voxapi::ApiMethod& method, const Gathered& gathered) {
  Json request;
  try {
    request = BuildRequest(method.descriptor->input_type(), gathered);
  } catch (const std::invalid_argument& error) {
    return session.Usage(error.what());
  }
  if (method.descriptor->client_streaming()) return RunUpload(session, method, gathered, request);
  if (request.is_array()) return session.Usage("--json takes an object for " + method.name);
  return session.CallAndPrint(method.name, std::move(request));
}

}  // namespace

void AddMethodCommands(CLI::App* app, const voxapi::Api& api, Run* chosen) {
  for (const voxapi::ApiMethod& method : api.methods()) {
    CLI::App* command = app->add_subcommand(method.name, method.help);
    command->group("Every method of the API");
    auto gathered = std::make_shared<Gathered>();
    AddFlags(command, method.descriptor->input_type(), "", gathered.get());
    command
        ->add_option("--json", gathered->json, "the whole request; - reads it from standard input")
        ->type_name("JSON");
    if (method.name == "transfer.import") {
      command->add_option("--data-file", gathered->data_file, "the file to send")
          ->type_name("FILE");
    }
    command->callback([&method, gathered, chosen] {
      *chosen = [&method, gathered](Session& session) {
        return RunMethod(session, method, *gathered);
      };
    });
  }
}

}  // namespace voxctl
