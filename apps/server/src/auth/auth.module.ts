import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { AttemptsRepository } from './attempts.repository.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { Passwords } from './passwords.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SessionSockets } from './session-sockets.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SocketAdmission } from './socket-admission.js';
import { UsersRepository } from './users.repository.js';

@Module({
  controllers: [AuthController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    AccessTokens,
    AttemptsRepository,
    AuthService,
    Passwords,
    RefreshTokens,
    SessionSockets,
    SessionsRepository,
    SessionsService,
    SocketAdmission,
    UsersRepository,
  ],
  exports: [AttemptsRepository, AuthService, Passwords, SocketAdmission],
})
export class AuthModule {}
