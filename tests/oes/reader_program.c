/* A reader of somebody else's as a program of its own: it loads the component, seals once, says how
 * long the value is, and stays until its standard input ends. Its arguments: the library, the
 * seal, the digest in hexadecimal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foreign_reader.h"

static piece text(char* content) {
  piece out = {(unsigned char*)content, (int)strlen(content)};
  return out;
}

int main(int count, char** arguments) {
  if (count != 4) return 2;
  reader* loaded = reader_load(arguments[1]);
  if (loaded == NULL) return 3;
  unsigned char digest[32];
  for (size_t i = 0; i < sizeof digest; ++i) {
    unsigned octet = 0;
    if (sscanf(arguments[3] + 2 * i, "%2x", &octet) != 1) return 2;
    digest[i] = (unsigned char)octet;
  }
  piece hashed = {digest, (int)sizeof digest}, value = {NULL, 0}, time = {NULL, 0};
  if (reader_time(loaded, &time) != 0) return 4;
  char property[] = "/Doc_0/Signs/Sign_0/Signature.xml", method[] = "1.2.156.10197.1.501";
  const unsigned long failed =
      reader_sign(loaded, text(arguments[2]), text(property), hashed, text(method), time, &value);
  printf("%lx %d\n", failed, value.size);
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return failed == 0 ? 0 : 1;
}
