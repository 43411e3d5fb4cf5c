/* The smallest program that uses the module from C: it looks at the device's state, has it test
 * itself, and makes its keys at the first run (T/ZSA 67.3 6.4, 7.1).
 *
 *   device_client SOCKET            status
 *   device_client SOCKET enrol CODE the first message of a binding, to be carried to the platform
 *
 * Build: cc device_client.c -lheqi_device_client …; tests/device_process runs it. */
#include <heqi_device.h>

#include <stdio.h>
#include <string.h>

static int failed(const heqi_device_error *error) {
  fprintf(stderr, "%s (%s)\n", error->id, error->detail);
  return 1;
}

static int show(heqi_device *device, heqi_device_error *error) {
  heqi_device_status status;
  if (heqi_device_self_test(device, &status, error) != HEQI_DEVICE_OK) return 1;
  printf("version %s state %d approved %d %s\n", status.version, (int)status.state,
         status.approved_mode, status.failure);
  return 0;
}

static int enrol(heqi_device *device, const char *code, heqi_device_error *error) {
  heqi_device_status status;
  heqi_device_step step;
  if (heqi_device_get_status(device, &status, error) != HEQI_DEVICE_OK) return 1;
  if (status.state == HEQI_DEVICE_FACTORY &&
      heqi_device_initialise(device, error) != HEQI_DEVICE_OK)
    return 1;
  if (heqi_device_enrol(device, code, &step, error) != HEQI_DEVICE_OK) return 1;
  printf("send %zu octets to %d\n", step.message_size, (int)step.destination);
  heqi_device_step_clear(&step);
  return 0;
}

int main(int argc, char **argv) {
  heqi_device *device;
  heqi_device_error error;
  int result;
  if (argc != 2 && !(argc == 4 && strcmp(argv[2], "enrol") == 0)) {
    fprintf(stderr, "device_client SOCKET [enrol CODE]\n");
    return 2;
  }
  if (heqi_device_connect(argv[1], &device, &error) != HEQI_DEVICE_OK) return failed(&error);
  result = argc == 2 ? show(device, &error) : enrol(device, argv[3], &error);
  heqi_device_close(device);
  return result == 0 ? 0 : failed(&error);
}
