#include "CBuiltInData.h"

// Older standards have #embed as an extension of clang.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char digits[] = {
#embed "Files/digits.csv.gz"
};
static const unsigned char cifar10_vgg_train[] = {
#embed "Files/cifar10-vgg-train.npz"
};
static const unsigned char cifar10_vgg_test[] = {
#embed "Files/cifar10-vgg-test.npz"
};

lb_bytes lb_digits(void) { return (lb_bytes){digits, sizeof digits}; }
lb_bytes lb_cifar10_vgg_train(void) {
  return (lb_bytes){cifar10_vgg_train, sizeof cifar10_vgg_train};
}
lb_bytes lb_cifar10_vgg_test(void) {
  return (lb_bytes){cifar10_vgg_test, sizeof cifar10_vgg_test};
}
