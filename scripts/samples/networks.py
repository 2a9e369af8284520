# The sample networks in PyTorch. All take a batch of any size. Pictures of digits come as bytes 0..255, pictures of shapes
# normalized as CIFAR's are, points as they are: what the page guesses for inputs of these sizes.
import torch
from torch import nn
import torch.nn.functional as F


class DigitsCnn(nn.Module):
    """Three convolutions, each with ReLU and max pooling, and one dense layer."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 48, 3, padding=1)
        self.dense = nn.Linear(48 * 9, 10)
        with torch.no_grad():
            self.conv1.weight /= 64  # bytes come in

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.dense(F.dropout(x.flatten(1), 0.2, self.training))


class Separable(nn.Module):
    """Depthwise 3x3 and pointwise 1x1 convolution, each with batch normalization and ReLU (MobileNet, 2017)."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(channels)
        self.pointwise = nn.Conv2d(channels, filters, 1, bias=False)
        self.pointwise_bn = nn.BatchNorm2d(filters)

    def forward(self, x):
        x = F.relu(self.depthwise_bn(self.depthwise(x)))
        return F.relu(self.pointwise_bn(self.pointwise(x)))


class ShapesMobile(nn.Module):
    """A stem and five separable blocks. Some channels are dead from the start: they are always zero before a depthwise
    convolution, as happens in large MobileNets. There the variance goes to nothing, so that the weights with batch
    normalization folded in become huge, and one scale for all channels is lost on them (T. Sheng et al., "A
    quantization-friendly separable convolution for MobileNets", 2018)."""

    DEAD = 3

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.stem_bn = nn.BatchNorm2d(16)
        plan = [(16, 32, 2), (32, 48, 1), (48, 64, 2), (64, 64, 1), (64, 96, 2)]
        self.blocks = nn.Sequential(*[Separable(*row) for row in plan])
        self.dense = nn.Linear(96, 10)
        with torch.no_grad():
            for norm in [self.stem_bn] + [block.pointwise_bn for block in self.blocks[:-1]]:
                norm.weight[: self.DEAD] = 0.02
                norm.bias[: self.DEAD] = -1.0

    def forward(self, x):
        x = self.blocks(F.relu(self.stem_bn(self.stem(x))))
        return self.dense(x.mean((2, 3)))


class Residual(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        same = stride == 1 and channels == filters
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels, filters, 1, stride)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ShapesResnet(nn.Module):
    """A stem of stride 2 and three residual blocks (K. He et al., 2015)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 5, 2, 2)
        plan = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
        self.blocks = nn.Sequential(*[Residual(*row) for row in plan])
        self.dense = nn.Linear(64, 10)

    def forward(self, x):
        return self.dense(self.blocks(F.relu(self.stem(x))).mean((2, 3)))


class PointsMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(2, 32)
        self.hidden2 = nn.Linear(32, 32)
        self.scores = nn.Linear(32, 3)

    def forward(self, x):
        return self.scores(F.relu(self.hidden2(F.relu(self.hidden1(x)))))


TOKENS = 16


class Block(nn.Module):
    """Attention and two dense layers, each after a layer normalization and added to what came in."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.width = heads, width
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.project = nn.Linear(width, width)
        self.expand, self.reduce = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def split(self, x):
        return x.reshape(-1, TOKENS, self.heads, self.width // self.heads)

    def attend(self, x):
        query, value = (self.split(f(x)).permute(0, 2, 1, 3) for f in (self.query, self.value))
        key = self.split(self.key(x)).permute(0, 2, 3, 1)
        scores = torch.matmul(query, key) * (self.width // self.heads) ** -0.5
        mixed = torch.matmul(torch.softmax(scores, -1), value)
        return self.project(mixed.permute(0, 2, 1, 3).reshape(-1, TOKENS, self.width))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.reduce(F.gelu(self.expand(self.norm2(x))))


class DigitsVit(nn.Module):
    """16 patches of 7 x 7, three blocks, the mean of all tokens (A. Dosovitskiy et al., 2020)."""

    def __init__(self, width=48, heads=3):
        super().__init__()
        self.patches = nn.Conv2d(1, width, 7, 7)
        self.position = nn.Parameter(torch.randn(1, TOKENS, width) * 0.02)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(3)])
        self.norm = nn.LayerNorm(width)
        self.dense = nn.Linear(width, 10)
        with torch.no_grad():
            self.patches.weight /= 64

    def forward(self, x):
        x = self.patches(x).reshape(-1, self.position.shape[2], TOKENS).permute(0, 2, 1) + self.position
        return self.dense(self.norm(self.blocks(x)).mean(1))
