"""Sky to sky, ground to ground: a photo optimized with regions and without, and what is in each region then.

Usage: python scripts/sky_to_sky.py PHOTO PAINTING OUT [--size 384] [--steps 200] [--style-loss gram]

PHOTO and PAINTING are pictures whose horizons are written below: the Kodak photo of a lighthouse, 21.jpg, and
wheat_field.jpg, olive_trees.jpg or starry_night.jpg. The masks are drawn from them and kept in OUT.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from torch import Tensor

import fastst
from fastst.cli.progress import optimization_progress
from fastst.images.contact_sheet import contact_sheet
from fastst.images.masks import read_mask
from fastst.images.pictures import Picture, fit, read_picture, write_picture
from fastst.images.tensors import read_tensor, to_tensor
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective
from fastst.losses.regions import Region
from fastst.losses.settings import ObjectiveSettings

_STYLE_SIZE = 320
# Each picture's horizon from left to right, drawn by hand, in shares of width and height.
_HORIZONS: dict[str, str] = {
    "21.jpg": """0,.49 .04,.53 .05,.51 .10,.41 .13,.37 .145,.37 .19,.39 .20,.36 .25,.38 .31,.49 .375,.50
        .38,.515 .415,.52 .43,.27 .42,.26 .43,.17 .455,.13 .48,.17 .485,.26 .475,.28 .495,.53 .58,.505
        .64,.54 .65,.56 1,.57""",
    "wheat_field.jpg": """0,.70 .03,.69 .10,.66 .11,.58 .18,.56 .24,.53 .32,.56 .36,.60 .45,.53 .50,.51
        .58,.49 .68,.46 .74,.50 .80,.36 .82,.40 .85,.03 .88,.05 .90,.30 .93,.36 1,.33""",
    "olive_trees.jpg": """0,.49 .05,.45 .10,.42 .16,.38 .17,.32 .25,.30 .33,.34 .38,.33 .42,.39 .64,.40
        .69,.45 .78,.44 .90,.47 1,.48""",
    "starry_night.jpg": """0,.70 .14,.72 .16,.32 .18,.40 .19,.06 .21,.10 .22,.33 .25,.60 .29,.60 .32,.68
        .44,.68 .56,.62 .70,.66 .80,.60 .93,.50 1,.52""",
}


def main() -> None:
    """Write the masks, both pictures and the sheet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("painting", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--style-loss", default="gram")
    parser.add_argument("--style-strength", type=float, default=5.0)
    parser.add_argument("--loss-network-weights", type=Path)
    arguments = parser.parse_args()
    regions = list(
        zip(
            write_masks(arguments.photo, arguments.out),
            write_masks(arguments.painting, arguments.out),
            strict=True,
        )
    )
    pictures = {}
    for name, pairs in (("unguided", []), ("region by region", regions)):
        file = arguments.out / f"{name.replace(' ', '-')}.png"
        with optimization_progress(arguments.steps) as show:
            pictures[name] = fastst.optimize(
                arguments.photo,
                arguments.painting,
                size=arguments.size,
                style_size=_STYLE_SIZE,
                steps=arguments.steps,
                regions=pairs,
                objective={"style_loss": arguments.style_loss, "style_weight": arguments.style_weight},
                loss_network_weights=arguments.loss_network_weights,
                on_iteration=show,
            )
        write_picture(Picture(rgb=pictures[name]), file)
    originals = [
        fit(read_picture(path).rgb, arguments.size) for path in (arguments.photo, arguments.painting)
    ]
    report(pictures, originals[0], regions, arguments)
    cells = [*zip(("the photo", "the painting"), originals, strict=True), *pictures.items()]
    sheet = contact_sheet(cells, columns=2, cell=arguments.size)
    write_picture(Picture(rgb=sheet), arguments.out / "sky-to-sky.jpg", quality=88)


def write_masks(path: Path, folder: Path) -> tuple[Path, Path]:
    """Draw the masks of the picture's sky and ground, soft at the horizon, and return their files."""
    horizon = [tuple(map(float, point.split(","))) for point in _HORIZONS[path.name].split()]
    size = read_picture(path).rgb.size
    points = [(x * size[0], y * size[1]) for x, y in horizon]
    sky = Image.new("L", size)
    ImageDraw.Draw(sky).polygon([(0, 0), *points, (size[0], 0)], fill=255)
    sky = sky.filter(ImageFilter.GaussianBlur(max(size) / 400))
    files = (folder / f"{path.stem}-sky.png", folder / f"{path.stem}-ground.png")
    for mask, file in zip((sky, ImageOps.invert(sky)), files, strict=True):
        write_picture(Picture(rgb=mask.convert("RGB")), file)
    return files


def report(
    pictures: dict[str, Image.Image],
    photo: Image.Image,
    regions: Sequence[tuple[Path, Path]],
    arguments: argparse.Namespace,
) -> None:
    """Print the style term inside each region, between what is there and what should be."""
    settings = ObjectiveSettings.model_validate({"style_loss": arguments.style_loss})
    loss_network = load_loss_network(settings.layers, path=arguments.loss_network_weights)
    painting = read_tensor(arguments.painting, size=_STYLE_SIZE)
    print(f"{'style term in':16} {'photo':>9} {'unguided':>9} {'guided':>9} {'guided / unguided':>18}")
    for mask, style_mask in regions:
        region = Region(painting, source_mask=read_mask(style_mask).weights, mask=read_mask(mask).weights)
        objective = Objective(loss_network, painting, settings, regions=[region])

        def style(picture: Image.Image, objective: Objective = objective) -> float:
            image: Tensor = to_tensor(picture)[None]
            with torch.no_grad():
                return float(objective(image, objective.target(image)).style)

        before, (unguided, guided) = style(photo), map(style, pictures.values())
        print(
            f"{mask.stem.rpartition('-')[2]:16} {before:9.3f} {unguided:9.3f} {guided:9.3f} "
            f"{guided / unguided:18.2f}"
        )


if __name__ == "__main__":
    main()
