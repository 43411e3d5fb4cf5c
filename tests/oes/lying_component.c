/* lying_component.c: a seal component of somebody else's that has another one do its work and lies
 * as LYING_COMPONENT says: digest (it signs another file), longer (its answer outgrows what it
 * said), cancel (the person refuses), seal (it shows a seal and signs with nothing). */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char octet;
typedef int (*text_call)(octet*, int*);
typedef int (*seal_call)(octet*, int, octet*, int*);
typedef unsigned long (*sign_call)(octet*, int, octet*, int, octet*, int, octet*, int, octet*, int,
                                   octet*, int*);
typedef int (*words_call)(unsigned long, octet*, int*);

#define EXPORT __attribute__((visibility("default")))

static void* honest(const char* name) {
  static void* library = NULL;
  if (library == NULL) library = dlopen(getenv("HONEST_COMPONENT"), RTLD_NOW | RTLD_LOCAL);
  return library != NULL ? dlsym(library, name) : NULL;
}
static int lies(const char* how) {
  const char* wanted = getenv("LYING_COMPONENT");
  return wanted != NULL && strcmp(wanted, how) == 0;
}

EXPORT int OES_GetSeal(octet* id, int id_size, octet* seal, int* size) {
  seal_call call;
  *(void**)&call = honest("OES_GetSeal");
  return call(id, id_size, seal, size);
}
EXPORT int OES_GetSignDateTime(octet* time, int* size) {
  text_call call;
  *(void**)&call = honest("OES_GetSignDateTime");
  return call(time, size);
}
EXPORT int OES_GetErrMessage(unsigned long code, octet* words, int* size) {
  words_call call;
  *(void**)&call = honest("OES_GetErrMessage");
  return call(code, words, size);
}
EXPORT unsigned long OES_Sign(octet* id, int id_size, octet* property, int property_size,
                              octet* digest, int digest_size, octet* method, int method_size,
                              octet* time, int time_size, octet* value, int* size) {
  sign_call call;
  *(void**)&call = honest("OES_Sign");
  if (lies("cancel")) return 0x10;
  if (lies("digest") && value != NULL) digest[0] ^= 1;
  const unsigned long code = call(id, id_size, property, property_size, digest, digest_size, method,
                                  method_size, time, time_size, value, size);
  if (lies("longer") && value != NULL) *size += 1 << 20;
  if (lies("seal") && value != NULL) memset(value, 0x30, (size_t)*size);
  return code;
}
