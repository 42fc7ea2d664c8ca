/** 200 common English words of 3 to 5 letters, in alphabetical order. */
export const words: readonly string[] = `
  actor alarm angle ankle apple apron arm arrow ash aunt axe badge baker ball band bank barn basil beach bean bear
  bed bee bell bird bone book boot box bread brick bus cabin cake camel candy cap card cat cave chair chalk chess
  chin clay clock cloud coach coat coin cow crab crow cup dad deer desk dish dog doll door dove duck dust eagle ear
  earth edge eel egg elbow elf elm fan farm field fig fish flag floor flute foot fork fox frog fruit game ghost gift
  girl glass glove goat goose grape grass guest hair ham hand hat hawk hen hill honey hook horn horse house ice ink
  iris jam jar jaw jeans jewel juice key king kite kiwi knee knife lake lamp leaf lemon lime lion lock log map mask
  melon milk mint moon moss moth mouse mud nail neck nest net night nose nut oak olive onion orb otter oven owl
  paint palm pan peach pear pen pig pine plum pond queen quilt rain ram river road robe rock roof rose salt sand
  seal shell ship shoe silk snow soup star table tiger toad tree tulip vase vine wagon water whale wheel wolf yard
  zebra
`.trim().split(/\s+/);
