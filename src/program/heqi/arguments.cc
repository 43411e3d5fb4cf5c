#include "arguments.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace heqi::program {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kHelp = "--help";
constexpr std::size_t kArgumentsMax = 10'000;

const Option* find_option(std::span<const Option> options, std::string_view name) {
  for (const Option& option : options)
    if (option.name == name) return &option;
  return nullptr;
}

// distance counts the characters to change, add or drop (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0U : 1U);
      corner = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

base::Error unknown_option(const Syntax& syntax, std::string_view name) {
  std::vector<std::string_view> known{kHelp};
  for (const Option& option : syntax.options) known.push_back(option.name);
  const std::string_view near = nearest(name, known);
  return base::fail(Code::malformed,
                    "no option " + std::string(name) +
                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
}

void write_line(std::FILE* to, const std::string& line) {
  std::fputs((line + "\n").c_str(), to);
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = 3;  // further away is another word
  if (word.size() > 64) return best;
  for (const std::string_view candidate : known) {
    const std::size_t far = distance(word, candidate);
    if (far >= least && !(candidate.starts_with(word) && word.size() > 3)) continue;
    best = candidate;
    least = std::min(far, least);
  }
  return best;
}

std::optional<std::string> Arguments::find(std::string_view name) const {
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  return found->second.front();
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

Status Arguments::take_option(const Syntax& syntax, std::span<const std::string_view> arguments,
                              std::size_t& at) {
  const std::string_view word = arguments[at];
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const Option* option = find_option(syntax.options, name);
  if (option == nullptr) return unknown_option(syntax, name);
  std::string value;
  if (option->value.empty()) {
    if (equals != std::string_view::npos)
      return base::fail(Code::malformed, std::string(name) + " takes no value");
  } else if (equals != std::string_view::npos) {
    value = word.substr(equals + 1);
  } else if (at + 1 < arguments.size()) {
    value = arguments[++at];
  } else {
    return base::fail(Code::malformed,
                      std::string(name) + " needs a value: " + std::string(option->value));
  }
  std::vector<std::string>& values = options_[std::string(name)];
  if (!values.empty() && option->need != Need::repeatable)
    return base::fail(Code::malformed, std::string(name) + " is given twice");
  values.push_back(std::move(value));
  return {};
}

Status Arguments::check_complete(const Syntax& syntax) const {
  for (const Option& option : syntax.options)
    if (option.need == Need::required && !has(option.name))
      return base::fail(Code::malformed,
                        std::string(option.name) + " " + std::string(option.value) + " is missing");
  if (operands_.size() < syntax.operands_min)
    return base::fail(Code::malformed, std::string(syntax.operands) + " is missing");
  if (operands_.size() > syntax.operands_max)
    return base::fail(Code::malformed, "too much: " + operands_[syntax.operands_max]);
  return {};
}

Result<Arguments> Arguments::parse(const Syntax& syntax,
                                   std::span<const std::string_view> arguments) {
  if (arguments.size() > kArgumentsMax)
    return base::fail(Code::limit_exceeded, "too many arguments");
  Arguments out;
  bool only_operands = false;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    if (!only_operands && word == "--") {
      only_operands = true;
    } else if (only_operands || word.size() < 2 || word.front() != '-') {
      out.operands_.emplace_back(word);
    } else {
      HEQI_TRY(out.take_option(syntax, arguments, at));
    }
  }
  HEQI_TRY(out.check_complete(syntax));
  return out;
}

Chosen choose_command(std::span<const Option> options,
                      std::span<const std::string_view> arguments) {
  Chosen out;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    if (!word.starts_with('-')) {
      out.command = word;
      out.rest.insert(out.rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                      arguments.end());
      return out;
    }
    out.rest.push_back(word);
    const Option* option = find_option(options, word);
    if (option != nullptr && !option->value.empty() && at + 1 < arguments.size())
      out.rest.push_back(arguments[++at]);
  }
  return out;
}

std::string help_of(const Syntax& syntax) {
  std::string out(syntax.command);
  if (!syntax.options.empty()) out += " [OPTION…]";
  if (!syntax.operands.empty()) out += " " + std::string(syntax.operands);
  out += "\n\n" + std::string(syntax.english) + "\n" + std::string(syntax.chinese) + "\n\n";
  for (const Option& option : syntax.options) {
    std::string left = "  " + std::string(option.name);
    if (!option.value.empty()) left += " " + std::string(option.value);
    left.resize(std::max<std::size_t>(left.size() + 2, 26), ' ');
    out += left + std::string(option.english) + "\n" + std::string(26, ' ') +
           std::string(option.chinese) + "\n";
  }
  out += "  --help                  this text\n" + std::string(26, ' ') + "显示本说明\n";
  return out;
}

void print_error(std::string_view command, const base::Error& error) {
  const base::ErrorText& text = base::error_text(error.code);
  const std::string detail = error.detail.empty() ? "" : ": " + error.detail;
  write_line(stderr, std::string(command) + ": " + std::string(text.english) + detail);
  write_line(stderr, "  " + std::string(text.chinese) + " [" + std::string(text.id) + "]");
  write_line(stderr,
             "  " + std::string(text.action_english) + " / " + std::string(text.action_chinese));
}

void print_usage_error(std::string_view command, std::string_view what) {
  write_line(stderr, std::string(command) + ": " + std::string(what));
  write_line(stderr, "  " + std::string(command) + " --help tells more. / 用法见 " +
                         std::string(command) + " --help");
}

int run_command(const Syntax& syntax, std::span<const std::string_view> arguments,
                const std::function<Result<int>(const Arguments&)>& body) {
  for (const std::string_view word : arguments) {
    if (word == "--") break;
    if (word == kHelp || word == "-h") {
      std::fputs(help_of(syntax).c_str(), stdout);
      return kExitDone;
    }
  }
  const auto parsed = Arguments::parse(syntax, arguments);
  if (!parsed) {
    print_usage_error(syntax.command, parsed.error().detail);
    return kExitUsage;
  }
  const auto exit_code = body(*parsed);
  if (exit_code) return *exit_code;
  print_error(syntax.command, exit_code.error());
  return kExitRefused;
}

}  // namespace heqi::program
