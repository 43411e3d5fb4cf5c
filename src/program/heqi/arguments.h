// arguments.h: the arguments of a sub-command, read one way for all of them.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/result.h>

namespace heqi::program {

inline constexpr int kExitDone = 0, kExitRefused = 1, kExitUsage = 2;

enum class Need : std::uint8_t { optional, required, repeatable };

// Option is one "--name" of a command.
struct Option {
  std::string_view name;   // with the hyphens: "--trust"
  std::string_view value;  // what the help calls its value: "FILE"; empty: the option has none
  std::string_view english, chinese;
  Need need = Need::optional;
};

// Syntax is what a command takes; its help is written from it. --help is always understood.
struct Syntax {
  std::string_view command;   // "heqi verify"
  std::string_view operands;  // what the help calls them: "FILE…"
  std::size_t operands_min = 0, operands_max = 0;
  std::string_view english, chinese;
  std::span<const Option> options;
};

// Arguments are the options and operands of one call.
class Arguments {
 public:
  // parse fails with malformed: an unknown option (with the nearest known one as a hint), an option
  // without its value, given twice (unless repeatable) or missing, too few or too many operands.
  // "--name=value" and "--name value" are the same; after "--" everything is an operand.
  static base::Result<Arguments> parse(const Syntax& syntax,
                                       std::span<const std::string_view> arguments);

  bool has(std::string_view name) const { return options_.contains(name); }
  std::optional<std::string> find(std::string_view name) const;
  // all are the values of a repeatable option, in their order.
  std::vector<std::string> all(std::string_view name) const;
  // get is the value of an option that the syntax requires, else "".
  std::string get(std::string_view name) const { return find(name).value_or(std::string()); }
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  base::Status take_option(const Syntax& syntax, std::span<const std::string_view> arguments,
                           std::size_t& at);
  base::Status check_complete(const Syntax& syntax) const;

  std::map<std::string, std::vector<std::string>, std::less<>> options_;
  std::vector<std::string> operands_;
};

// Chosen is a sub-command found among arguments, and the arguments without it.
struct Chosen {
  std::string_view command;  // empty: none was given
  std::vector<std::string_view> rest;
};
// choose_command finds the first operand; options tells which options have a value to pass over.
Chosen choose_command(std::span<const Option> options, std::span<const std::string_view> arguments);

// help_of is the text that --help prints.
std::string help_of(const Syntax& syntax);
// nearest is the word of known that is spelt most like word, or "" where none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// run_command prints the help (kExitDone) or what is wrong with the arguments (kExitUsage), or runs
// body; an error of body is printed and becomes kExitRefused.
int run_command(const Syntax& syntax, std::span<const std::string_view> arguments,
                const std::function<base::Result<int>(const Arguments&)>& body);

// print_error writes what happened and what to do, in English and Chinese, to standard error.
void print_error(std::string_view command, const base::Error& error);
// print_usage_error writes what is wrong with the arguments and how to ask for help.
void print_usage_error(std::string_view command, std::string_view what);

}  // namespace heqi::program
