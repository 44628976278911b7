// discord-digital-twin on loopback, with a small control server for what people do there.
// usage: node twin.mjs; prints one line of JSON (where it is, and who is there) once it is up
import http from 'node:http'
import net from 'node:net'
import { DigitalDiscord } from 'discord-digital-twin'

const listen = net.Server.prototype.listen // it would listen on every interface
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest)
}

const names = Array.from({ length: 24 }, (_, number) => `room-${number}`)
const twin = new DigitalDiscord({
  guild: { name: 'The harbour' },
  channels: names.map((name) => ({ name, type: 0 })),
  users: [{ username: 'ana' }, { username: 'bob' }],
  botUser: { username: 'nellie' },
  botToken: 'MTIz.twin.token',
})
await twin.start()
const users = await twin.prisma.user.findMany()
const rooms = await twin.prisma.channel.findMany()

const actions = {
  say: (b) => twin.simulateUserMessage({ channelId: b.channel, userId: b.user, content: b.text, messageReference: b.to }),
  edit: (b) => twin.simulateUserMessageEdit({ channelId: b.channel, messageId: b.message, content: b.text }),
  delete: (b) => twin.simulateUserMessageDelete({ channelId: b.channel, messageId: b.message }),
  interact: (b) => twin.simulateInteraction({ type: b.type, channelId: b.channel, userId: b.user, data: b.data, messageId: b.message }),
  messages: (b) => twin.channel(b.channel).getMessages(),
  threads: (b) => twin.channel(b.channel).getThreads(),
  typing: (b) => twin.getTypingEvents({ channelId: b.channel }),
}
const control = http.createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  try {
    const done = await actions[request.url.slice(1)](JSON.parse(body))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(done ?? null))
  } catch (error) {
    response.statusCode = 500
    response.end(String(error.stack ?? error))
  }
})
control.listen(0, () => {
  console.log(JSON.stringify({
    rest: `${twin.restUrl.replace('localhost', '127.0.0.1')}/v10`,
    gateway: twin.gatewayUrl.replace('localhost', '127.0.0.1'),
    control: `http://127.0.0.1:${control.address().port}`,
    token: twin.botToken,
    bot: twin.botUserId,
    guild: twin.guildId,
    users: users.filter((user) => !user.bot).map((user) => user.id),
    rooms: rooms.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id))).map((room) => room.id),
  }))
})
process.stdin.on('end', () => process.exit()).resume() // whoever started it is gone
