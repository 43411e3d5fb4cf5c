#include <heqi/documents/seal/seam.h>

#include <algorithm>
#include <cmath>

namespace heqi::documents::seal {

using base::Code;
using base::fail;

namespace {

constexpr double kThousandth = 1000;

// Part is one part of the seal, in thousandths of a millimetre from its left.
struct Part {
  std::int64_t begin, width;
};

std::vector<Part> parts_of(double width, std::size_t count) {
  const auto whole = static_cast<std::int64_t>(std::llround(width * kThousandth));
  const std::int64_t each = whole / static_cast<std::int64_t>(count);
  std::vector<Part> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t begin = each * static_cast<std::int64_t>(i);
    out.push_back({begin, i + 1 == count ? whole - begin : each});
  }
  return out;
}

// groups_of cuts count pages into even groups of at most most pages, none of a single page.
std::vector<std::size_t> groups_of(std::size_t count, std::size_t most) {
  std::size_t groups = (count + most - 1) / most;
  if (count / groups < 2) groups = count / 2;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < groups; ++i)
    out.push_back(count / groups + (i < count % groups ? 1 : 0));
  return out;
}

Slice slice_of(std::size_t page, const PageSize& size, const Part& part,
               const SeamRequest& request) {
  Slice out;
  out.page = page;
  out.begin = static_cast<double>(part.begin) / kThousandth;
  out.width = static_cast<double>(part.width) / kThousandth;
  out.height = request.height;
  out.left = request.edge == Edge::right ? size.width - out.width : 0;
  out.top = size.height * request.at - request.height / 2;
  return out;
}

base::Status check(const std::vector<PageSize>& pages, const SeamRequest& request) {
  if (pages.size() < 2) return fail(Code::malformed, "a seal across pages needs two pages");
  if (request.pages_max < 2) return fail(Code::malformed, "a seal goes across at least two pages");
  if (!(request.width > 0) || !(request.height > 0) || !(request.at >= 0) || request.at > 1)
    return fail(Code::malformed, "a seal without size or place");
  for (const PageSize& page : pages)
    if (request.height > page.height || request.width > page.width)
      return fail(Code::malformed, "the seal is larger than a page");
  return {};
}

}  // namespace

base::Result<std::vector<std::vector<Slice>>> plan_seam(const std::vector<PageSize>& pages,
                                                        const SeamRequest& request) {
  HEQI_TRY(check(pages, request));
  std::vector<std::vector<Slice>> out;
  std::size_t first = 0;
  for (const std::size_t count : groups_of(pages.size(), request.pages_max)) {
    std::vector<Slice> group;
    const std::vector<Part> parts = parts_of(request.width, count);
    for (std::size_t i = 0; i < count; ++i) {
      // At the left edge the last page of a fanned pile shows the first slice.
      const std::size_t page = first + (request.edge == Edge::right ? i : count - 1 - i);
      group.push_back(slice_of(page, pages[page], parts[i], request));
    }
    out.push_back(std::move(group));
    first += count;
  }
  return out;
}

}  // namespace heqi::documents::seal
