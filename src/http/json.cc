#include <heqi/http/json.h>

#include <algorithm>

// Boost.JSON's parser is compiled here and nowhere else: nothing of it is linked.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#pragma GCC diagnostic pop

#include <heqi/base/text.h>

namespace heqi::http {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

// Builder receives what the parser reads and builds Json. The on_… functions are the names that
// boost::json::basic_parser calls.
struct Builder {
  static constexpr std::size_t max_object_size = kJsonNodesMax;
  static constexpr std::size_t max_array_size = kJsonNodesMax;
  static constexpr std::size_t max_string_size = std::size_t(-1) / 2;
  static constexpr std::size_t max_key_size = 1024;
  using error_code = boost::json::error_code;
  using text_view = boost::json::string_view;

  struct Frame {
    bool is_object = false;
    JsonArray array;
    JsonObject object;
    std::set<std::string, std::less<>> keys;
    std::string key;
  };

  std::size_t nodes_max = kJsonNodesMax;
  std::size_t nodes = 0;
  std::vector<Frame> frames;
  std::string text;
  std::optional<Json> root;
  std::optional<base::Error> refusal;

  bool refuse(Code code, std::string what, error_code& ec) {
    refusal = fail(code, std::move(what));
    ec = boost::json::error::exception;
    return false;
  }

  bool take(Json value, error_code& ec) {
    if (++nodes > nodes_max)
      return refuse(Code::limit_exceeded, "more values than " + std::to_string(nodes_max), ec);
    if (frames.empty()) {
      root = std::move(value);
    } else if (frames.back().is_object) {
      frames.back().object.emplace_back(std::move(frames.back().key), std::move(value));
    } else {
      frames.back().array.push_back(std::move(value));
    }
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    frames.emplace_back().is_object = true;
    return true;
  }
  bool on_object_end(std::size_t, error_code& ec) {
    Json value{Json::Value(std::move(frames.back().object))};
    frames.pop_back();
    return take(std::move(value), ec);
  }
  bool on_array_begin(error_code&) {
    frames.emplace_back();
    return true;
  }
  bool on_array_end(std::size_t, error_code& ec) {
    Json value{Json::Value(std::move(frames.back().array))};
    frames.pop_back();
    return take(std::move(value), ec);
  }
  bool on_key_part(text_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_key(text_view part, std::size_t, error_code& ec) {
    text.append(part.data(), part.size());
    if (text.find('\0') != std::string::npos) return refuse(Code::malformed, "U+0000 in a key", ec);
    if (!frames.back().keys.insert(text).second)
      return refuse(Code::malformed, "the key \"" + text + "\" is there twice", ec);
    frames.back().key = std::exchange(text, {});
    return true;
  }
  bool on_string_part(text_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(text_view part, std::size_t, error_code& ec) {
    text.append(part.data(), part.size());
    if (text.find('\0') != std::string::npos)
      return refuse(Code::malformed, "U+0000 in a text", ec);
    return take(Json(Json::Value(std::exchange(text, {}))), ec);
  }
  bool on_number_part(text_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, text_view, error_code& ec) {
    return take(Json(Json::Value(value)), ec);
  }
  bool on_uint64(std::uint64_t value, text_view, error_code& ec) {
    if (value > std::uint64_t{INT64_MAX})
      return refuse(Code::malformed, "an integer beyond 64 bits signed", ec);
    return take(Json(Json::Value(static_cast<std::int64_t>(value))), ec);
  }
  bool on_double(double value, text_view, error_code& ec) {
    return take(Json(Json::Value(value)), ec);
  }
  bool on_bool(bool value, error_code& ec) { return take(Json(Json::Value(value)), ec); }
  bool on_null(error_code& ec) { return take(Json(), ec); }
  bool on_comment_part(text_view, error_code&) { return true; }
  bool on_comment(text_view, error_code&) { return true; }
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  if (const JsonObject* members = object())
    for (const auto& [key, value] : *members)
      if (key == name) return &value;
  return nullptr;
}

Result<Json> parse_json(base::ByteView text, JsonLimits limits) {
  if (text.size() > limits.size_max)
    return fail(Code::limit_exceeded, "JSON: longer than " + std::to_string(limits.size_max));
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  try {
    boost::json::basic_parser<Builder> parser(options);
    parser.handler().nodes_max = limits.nodes_max;
    boost::json::error_code error;
    const std::size_t used =
        parser.write_some(false, reinterpret_cast<const char*>(text.data()), text.size(), error);
    Builder& built = parser.handler();
    const std::string where = " near offset " + std::to_string(used);
    if (built.refusal) return fail(built.refusal->code, "JSON: " + built.refusal->detail + where);
    if (error == boost::json::error::too_deep)
      return fail(Code::limit_exceeded,
                  "JSON: deeper than " + std::to_string(limits.depth_max) + where);
    if (error) return fail(Code::malformed, "JSON: " + error.message() + where);
    if (used != text.size()) return fail(Code::malformed, "JSON: more after the value" + where);
    if (!built.root) return fail(Code::malformed, "JSON: no value");
    return std::move(*built.root);
  } catch (const std::exception&) {
    return fail(Code::internal, "JSON: the parser failed");
  }
}

}  // namespace heqi::http
