// worker.cc: uploads are parsed and pages drawn where they can do no harm: a process without
// network, files, new processes and with limits on time and memory.
#include <unistd.h>

#include <charconv>

#include <heqi/base/text.h>
#include <heqi/documents/second_opinion/upload.h>

#include "adapters.h"
#include "confined_run.h"
#include "key_holder.h"
#include "process.h"
#include "rendering.h"

namespace heqi::program {
namespace {

// answer_of is "ok PAGES", or "error ID DETAIL".
std::string answer_of(const base::Result<documents::second_opinion::Upload>& upload) {
  if (upload) return "ok " + std::to_string(upload->pages);
  return "error " + std::string(base::error_text(upload.error().code).id) + " " +
         upload.error().detail.substr(0, 500);
}

int answer_with(base::ByteView answer) {
  ::_exit(write_all(STDOUT_FILENO, answer) ? 0 : 4);
}

int inspect() {
  // Locale and allocator are warmed up before the filter forbids opening files.
  const base::Bytes file = read_to_end(STDIN_FILENO, std::size_t{64} << 20);
  if (!close_all()) return 3;
  return answer_with(base::bytes_of(answer_of(documents::second_opinion::inspect_upload(file))));
}

int render() {
  warm_up_rendering();
  const base::Bytes input = read_to_end(STDIN_FILENO, kRenderInputMax);
  if (!close_all()) return 3;
  return answer_with(answer_rendering(input));
}

}  // namespace

int run_worker(std::string_view name) {
  if (name == "inspect") return inspect();
  if (name == "render") return render();
  if (name == "key") return serve_keys();
  return 2;
}

base::Result<base::Bytes> run_in_worker(const std::string& name, base::ByteView input,
                                        std::size_t answer_size_max) {
  HEQI_TRY(const std::string program, find_program("heqi"));
  return run_confined({{program, "worker", name}, Fence::own_program, answer_size_max}, input);
}

base::Result<int> WorkerInspection::inspect(base::ByteView file) {
  HEQI_TRY(const base::Bytes answer, run_in_worker("inspect", file));
  std::string_view text = base::text_of(answer);
  if (text.starts_with("ok ")) {
    int pages = 0;
    text.remove_prefix(3);
    std::from_chars(text.data(), text.data() + text.size(), pages);
    return pages;
  }
  constexpr std::string_view error = "error ";
  if (!text.starts_with(error))
    return base::fail(base::Code::malformed, "the file could not be read");
  text.remove_prefix(error.size());
  const std::size_t space = text.find(' ');
  const auto code = base::find_error(text.substr(0, space));
  return base::fail(code.value_or(base::Code::malformed),
                    space == std::string_view::npos ? "" : std::string(text.substr(space + 1)));
}

}  // namespace heqi::program
