# Trains one sample network (`train.py <name> <folder>`) on what dump.mjs left in the folder and writes <name>.onnx beside
# it. PyTorch 1.13 on one thread, a few minutes each, from one seed. Batch normalization stays in the file where asked.
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

import networks

CIFAR_MEAN, CIFAR_STD = [0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]


def of_bytes(x):
    return x.float()


def as_cifar(x):
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (CIFAR_MEAN, CIFAR_STD))
    return (x.float() / 255 - mean) / std


def as_is(x):
    return x


#        network, data, preprocessing, items, epochs, learning rate, keep batch normalization
TABLE = {
    "digits-cnn": (networks.DigitsCnn, "digits", of_bytes, 40000, 12, 3e-3, False),
    "digits-vit": (networks.DigitsVit, "digits", of_bytes, 24000, 10, 3e-3, False),
    "shapes-mobile": (networks.ShapesMobile, "shapes", as_cifar, 40000, 14, 6e-3, True),
    "shapes-resnet": (networks.ShapesResnet, "shapes", as_cifar, 24000, 12, 4e-3, False),
    "points-mlp": (networks.PointsMlp, "points", as_is, 6000, 40, 1e-2, False),
}


def read(folder, name):
    with open(os.path.join(folder, f"{name}.json")) as file:
        about = json.load(file)
    kind = np.uint8 if about["type"] == "uint8" else np.float32
    data = np.fromfile(os.path.join(folder, f"{name}.data"), kind).reshape(about["dims"])
    return torch.from_numpy(data), torch.tensor(about["labels"])


def accuracy(network, prepare, data, labels):
    network.eval()
    with torch.no_grad():
        scores = torch.cat([network(prepare(part)) for part in data.split(500)])
    return (scores.argmax(1) == labels).float().mean().item()


def train(network, prepare, data, labels, epochs, rate):
    batch = 100
    steps = epochs * (len(data) // batch)
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for part in torch.randperm(len(data))[: len(data) // batch * batch].split(batch):
            loss = F.cross_entropy(network(prepare(data[part])), labels[part], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(part)
        print(f"  epoch {epoch + 1} of {epochs}: loss {total / len(data):.4f}", file=sys.stderr, flush=True)


def export(network, example, path, keep_norms):
    network.eval()
    mode = torch.onnx.TrainingMode.PRESERVE if keep_norms else torch.onnx.TrainingMode.EVAL
    torch.onnx.export(
        network,
        example,
        path,
        opset_version=17,
        training=mode,
        do_constant_folding=not keep_norms,
        input_names=["input"],
        output_names=["scores"],
        dynamic_axes={"input": {0: "batch"}, "scores": {0: "batch"}},
    )


def main(name, folder):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    make, data_name, prepare, items, epochs, rate, keep_norms = TABLE[name]
    network = make()
    data, labels = read(folder, f"{data_name}-train")
    train(network, prepare, data[:items], labels[:items], epochs, rate)
    test, truth = read(folder, f"{data_name}-test")
    print(f"{name}: {accuracy(network, prepare, test, truth):.4f} of {len(test)}", flush=True)
    export(network, prepare(data[:2]), os.path.join(folder, f"{name}.onnx"), keep_norms)


if __name__ == "__main__":
    main(*sys.argv[1:])
