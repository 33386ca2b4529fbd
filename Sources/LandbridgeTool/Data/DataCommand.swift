import ArgumentParser
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Data sets: what there is, and what a file holds.",
    subcommands: [DataListCommand.self, DataInfoCommand.self])
}

struct DataListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What can be written after --data.")

  @Option(help: "How results are printed.")
  var format = OutputFormat.text

  private struct Entry: Encodable {
    var data: String
    var inputs: String
    var samples: String
    var about: String
  }

  private static let entries = [
    Entry(
      data: "digits", inputs: "64", samples: "1438 + 359",
      about: "UCI handwritten digits, 8 × 8; built in (CC BY 4.0)"),
    Entry(
      data: "cifar10-vgg", inputs: "512", samples: "20000 + 5000",
      about: "CIFAR-10 through pretrained VGG-16 (pool5); both parts from the training images; "
        + "built in"),
    Entry(
      data: "gaussians:d=32,delta=0.5,mean=0,n=10000", inputs: "d", samples: "fresh + n",
      about: "y = ±1, x ~ N(y·mean·e₁, (1 + y·delta)² I): Mei, Montanari, Nguyen 2018"),
    Entry(
      data: "teacher:d=16,outputs=1,hidden=8,activation=tanh,noise=0,n=10000", inputs: "d",
      samples: "fresh + n", about: "labels from a random network"),
    Entry(
      data: "mnist:DIR", inputs: "784", samples: "60000 + 10000",
      about: "train-images-idx3-ubyte … in DIR or DIR/MNIST/raw, .gz or not; or mnist.npz"),
    Entry(
      data: "fashion-mnist:DIR", inputs: "784", samples: "60000 + 10000",
      about: "the same files, of Zalando's articles"),
    Entry(
      data: "cifar10:DIR", inputs: "3072", samples: "50000 + 10000",
      about: "data_batch_1.bin … test_batch.bin in DIR"),
    Entry(
      data: "FILE.csv", inputs: "columns − 1", samples: "rows",
      about: "label in the column called label, class, target or y, else the last; also .tsv, "
        + ".txt, .data"),
    Entry(
      data: "FILE.npz, FILE.safetensors", inputs: "d", samples: "n",
      about: "arrays x (n × d) and y (n labels, or n × K targets); or x_train, y_train, x_test, "
        + "y_test"),
    Entry(
      data: "FILE.npy", inputs: "columns − 1", samples: "rows",
      about: "as CSV; or all columns and labels=FILE.npy (n labels, or n × K targets)"),
  ]

  func run() throws {
    var table = Table(columns: [
      .init("data", alignment: .left), .init("inputs", alignment: .left),
      .init("train + held out", alignment: .left), .init("what", alignment: .left),
    ])
    for entry in Self.entries {
      table.append([
        // Options wrap at their commas.
        .text(entry.data.replacingOccurrences(of: ",", with: format == .text ? ", " : ",")),
        .text(entry.inputs), .text(entry.samples), .text(entry.about),
      ])
    }
    try Results(
      json: Self.entries, table: table, heading: "",
      notes: [
        "Options follow a colon, or the directory and a comma (mnist:DIR,limit=1000): "
          + "split=train|test|all, limit=N, standardize, classes=K, targets=classes|numbers; of "
          + "tables label=, header=, index=. Pixels are scaled to [0, 1]. "
          + "Of files a fixed random fifth is held out in training."
      ]
    ).emit(format)
  }
}
